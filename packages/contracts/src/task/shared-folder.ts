import { posix } from 'node:path';
import * as z from 'zod/mini';

/** The sidecar's folders: one that web can read, one of its own for the TGT. */
export const sidecarFolders = { shared: '/var/scratch', private: '/run/ticket-sidecar' } as const;

/** Paths of the files that the sidecar publishes and web reads. */
export interface SharedFolder {
  readonly directory: string;
  readonly krb5Conf: string;
  /** The credential cache (FILE); replaced by rename only. */
  readonly cache: string;
  /** `ticket.json`; replaced by rename only. */
  readonly status: string;
}

export function sharedFolder(directory: string): SharedFolder {
  return {
    directory,
    krb5Conf: posix.join(directory, 'krb5.conf'),
    cache: posix.join(directory, 'krbcache'),
    status: posix.join(directory, 'ticket.json'),
  };
}

/** The variables that tell web, and libkrb5 within it, where these files are. */
export function sharedFolderEnvironment(directory: string) {
  const { krb5Conf, cache, status } = sharedFolder(directory);
  return { KRB5_CONFIG: krb5Conf, KRB5CCNAME: `FILE:${cache}`, TICKET_STATUS_FILE: status };
}

/** ISO 8601 with an offset. */
const time = z.iso.datetime({ offset: true });

/** The content of `ticket.json`. Times are by the sidecar's clock. */
export const ticketStatusSchema = z.object({
  /**
   * - `starting`: no ticket yet, and nothing has failed
   * - `healthy`: a valid service ticket is published
   * - `degraded`: a valid service ticket is published, but renewing it fails
   * - `unhealthy`: no valid service ticket is published
   */
  state: z.enum(['starting', 'healthy', 'degraded', 'unhealthy']),
  principal: z.nullable(z.string()),
  spn: z.string(),
  startsAt: z.nullable(time),
  endsAt: z.nullable(time),
  encryptionType: z.nullable(z.string()),
  /** Grows by one with each ticket published in this folder. */
  generation: z.number(),
  lastError: z.nullable(z.object({ code: z.string(), message: z.string(), at: time })),
});

export type TicketStatus = Readonly<z.output<typeof ticketStatusSchema>>;
export type TicketState = TicketStatus['state'];
