import { posix } from 'node:path';

/** The sidecar's folders: one that the service can read, and a private one for the TGT. */
export const sidecarFolders = { shared: '/var/scratch', private: '/run/ticket-sidecar' } as const;

/** Paths of the files that the sidecar publishes and the service reads. */
export interface SharedFolder {
  readonly directory: string;
  readonly krb5Conf: string;
  /** The credential cache (FILE); replaced by rename only. */
  readonly cache: string;
  /** `ticket.json`; replaced by rename only. */
  readonly status: string;
}

/** The paths in the folder, which need not exist yet. */
export function sharedFolder(directory: string): SharedFolder {
  return {
    directory,
    krb5Conf: posix.join(directory, 'krb5.conf'),
    cache: posix.join(directory, 'krbcache'),
    status: posix.join(directory, 'ticket.json'),
  };
}

/** The variables that give a service, and libkrb5 within it, the paths of these files. */
export function sharedFolderEnvironment(directory: string) {
  const { krb5Conf, cache, status } = sharedFolder(directory);
  return { KRB5_CONFIG: krb5Conf, KRB5CCNAME: `FILE:${cache}`, TICKET_STATUS_FILE: status };
}
