/**
 * The containers of a task. The images set the same users. The users share web's group, which owns the shared folder
 * and the published files, so the service can read what the sidecar publishes there and no other files of the sidecar.
 */
export const containers = {
  web: { user: { uid: 1002, gid: 1002 } },
  sidecar: { user: { uid: 1001, gid: 1002 } },
} as const;

export type ContainerName = keyof typeof containers;
export const containerNames = Object.keys(containers) as ContainerName[];

/** A user as ECS and Docker write it, for example `1001:1002`. */
export function userOf(container: ContainerName): string {
  const { uid, gid } = containers[container].user;
  return `${uid}:${gid}`;
}

/** The port that web listens on. */
export const webPort = 8080;
