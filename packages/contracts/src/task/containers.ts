/**
 * The containers of a task. Their users are set by the images, too. They share a group, web's: the shared folder and the
 * published files belong to it, so the service can read what the sidecar writes there, and nothing else of the sidecar's.
 */
export const containers = {
  web: { user: { uid: 1002, gid: 1002 } },
  sidecar: { user: { uid: 1001, gid: 1002 } },
} as const;

export type ContainerName = keyof typeof containers;
export const containerNames = Object.keys(containers) as ContainerName[];

/** A user as ECS and Docker write it, such as `1001:1002`. */
export function userOf(container: ContainerName): string {
  const { uid, gid } = containers[container].user;
  return `${uid}:${gid}`;
}

/** The port that web listens on. */
export const webPort = 8080;
