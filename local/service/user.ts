/** Whom a process of a task runs as. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Reads the user of a container definition, such as `1002:1002`.
 *
 * @throws Error when it is not a uid and a gid: names are known only inside the image
 */
export function userOf({
  Name,
  User = '',
}: {
  readonly Name: string;
  readonly User?: string | undefined;
}): User {
  const [, uid, gid] = /^(\d+):(\d+)$/.exec(User) ?? [];
  if (uid === undefined || gid === undefined) {
    throw new Error(
      `Container ${Name} has the user "${User}", but its process needs uid and gid, such as 1002:1002.`,
    );
  }
  return { uid: Number(uid), gid: Number(gid) };
}
