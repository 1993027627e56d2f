/** An album as the page and the API show it. */
export interface Album {
  readonly id: number;
  readonly title: string;
  readonly artist: string;
}

/** Who the database says we are, on a connection of the pool. */
export interface DatabaseSession {
  /** The login's name, such as `CORP\db-user`. */
  readonly login: string;
  /** How it was let in, from `CONNECTIONPROPERTY('auth_scheme')`: `KERBEROS`, `NTLM` or `SQL`. */
  readonly scheme: string;
}

/**
 * All that the web service asks of the database.
 * Every promise settles within the time limits of the pool and the query, and rejects with nothing but a
 * {@link DatabaseError}.
 */
export interface MusicDatabase {
  /**
   * Different albums, picked at random by the database. Fewer than `count` only if it holds fewer.
   *
   * @param signal aborted when nobody waits for the answer any more: then the database is not asked, if it was not yet
   */
  randomAlbums(count: number, signal?: AbortSignal): Promise<readonly Album[]>;
  session(signal?: AbortSignal): Promise<DatabaseSession>;
  /** Resolves when the database answers. */
  ping(): Promise<void>;
  /** Seconds since the database last answered anything, `Infinity` before its first answer. */
  secondsSinceAnswer(): number;
  /** Waits for what is under way, at most `limitSeconds`, then closes all connections. */
  close(limitSeconds: number): Promise<void>;
}

/**
 * - `busy`: every connection is taken and the queue is full, or the wait in it took too long
 * - `unavailable`: no connection could be made, or it broke
 * - `timeout`: the query took longer than its time limit
 * - `failed`: the database refused the query
 */
export type DatabaseErrorKind = 'busy' | 'unavailable' | 'timeout' | 'failed';

/** Why the database gave no answer. For the logs: message and cause may name hosts and accounts. */
export class DatabaseError extends Error {
  readonly kind: DatabaseErrorKind;
  /** The code of the error below, such as `TICKET_EXPIRED` or `LOGIN_REFUSED`. */
  readonly code: string | undefined;
  /** What an operator should do. */
  readonly hint: string | undefined;

  constructor(
    kind: DatabaseErrorKind,
    message: string,
    options: {
      readonly cause?: unknown;
      readonly code?: string | undefined;
      readonly hint?: string | undefined;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'DatabaseError';
    this.kind = kind;
    this.code = options.code;
    this.hint = options.hint;
  }
}
