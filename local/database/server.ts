/** A SQL login that may do everything. */
export interface Administrator {
  readonly username: string;
  readonly password: string;
}

export type Row = Readonly<Record<string, unknown>>;

export interface FailOver {
  /** Clients hear nothing more, not even that their connections have ended: the host died. Default: they end. */
  readonly silently?: boolean;
  /**
   * The server's account has a new password, and the keytab its new key alone: RDS joins the domain anew when it replaces a
   * host. Tickets that were issued before are refused. Default: false.
   */
  readonly newKey?: boolean;
}

/**
 * A SQL Server that the rehearsal and the tests use, whatever its make: the stand-in of this repository
 * (`stand-in-server.ts`), or a real one that somebody else has started (`given-server.ts`).
 */
export interface DatabaseServer {
  /** Where clients on this machine connect to. */
  readonly address: string;
  readonly port: number;
  /** The name in its certificate; on RDS another one than its name in the directory. */
  readonly tlsName: string;
  /** File with the authority that vouches for that name, PEM; there once the server has started. */
  readonly authorityFile: string;
  readonly administrator: Administrator;
  /** Resolves when it answers. @throws Error that says why it does not */
  start(): Promise<void>;
  /**
   * Runs batches one after the other, as the administrator.
   *
   * @returns the rows of the last
   * @throws the server's first error
   */
  administer(...batches: readonly string[]): Promise<readonly Row[]>;
  /** Loses all connections, then serves again. Data that was committed stays. */
  failOver(options?: FailOver): Promise<void>;
  /** Keeps its connections and answers nothing, as a server that hangs, until `resume`. */
  suspend(): void;
  resume(): void;
  /** Ends all connections and takes no more; data that was committed is there after another `start`. */
  stop(): Promise<void>;
}
