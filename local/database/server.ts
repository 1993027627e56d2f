/** A SQL login with all permissions. */
export interface Administrator {
  readonly username: string;
  readonly password: string;
}

export type Row = Readonly<Record<string, unknown>>;

export interface FailOver {
  /**
   * Clients receive nothing more, not even the end of their connections, as when the host dies. Default: the
   * connections end.
   */
  readonly silently?: boolean;
  /**
   * The server's account gets a new password, and the keytab contains only its new key, as when RDS replaces a host,
   * which joins the domain again. Tickets that were issued before are refused. Default: false.
   */
  readonly newKey?: boolean;
}

/**
 * A SQL Server for the rehearsal and the tests: either this repository's stand-in (`stand-in-server.ts`) or a real one
 * that others have started (`given-server.ts`).
 */
export interface DatabaseServer {
  /** The address that clients on this machine connect to. */
  readonly address: string;
  readonly port: number;
  /** The name in its certificate, which on RDS differs from its name in the directory. */
  readonly tlsName: string;
  /** File with the CA of that certificate, PEM; exists once the server has started. */
  readonly authorityFile: string;
  readonly administrator: Administrator;
  /** Resolves when the server answers. @throws Error that says why it does not */
  start(): Promise<void>;
  /**
   * Runs batches one after the other, as the administrator.
   *
   * @returns the rows of the last batch
   * @throws the server's first error
   */
  administer(...batches: readonly string[]): Promise<readonly Row[]>;
  /** Drops all connections, then serves again. Committed data is kept. */
  failOver(options?: FailOver): Promise<void>;
  /** Keeps its connections but does not answer until `resume`, as a server that hangs. */
  suspend(): void;
  resume(): void;
  /** Ends all connections and accepts no more. Committed data is available after another `start`. */
  stop(): Promise<void>;
}
