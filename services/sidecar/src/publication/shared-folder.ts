import { stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Paths of the files that the web container reads. */
export interface SharedFolder {
  readonly directory: string;
  readonly krb5Conf: string;
  readonly cache: string;
  readonly status: string;
}

export function sharedFolder(directory: string): SharedFolder {
  return {
    directory,
    krb5Conf: join(directory, 'krb5.conf'),
    cache: join(directory, 'krbcache'),
    status: join(directory, 'ticket.json'),
  };
}

/** The group that may read what is published: that of the directory. */
export async function readersGroup(directory: string): Promise<number> {
  return (await stat(directory)).gid;
}
