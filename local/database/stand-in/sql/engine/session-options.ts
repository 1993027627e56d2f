import { unsupported } from '../../sql-error.ts';

/** Bits of @@OPTIONS: https://learn.microsoft.com/sql/database-engine/configure-windows/configure-the-user-options-server-configuration-option */
const bits: Readonly<Record<string, number>> = {
  IMPLICIT_TRANSACTIONS: 2,
  CURSOR_CLOSE_ON_COMMIT: 4,
  ANSI_WARNINGS: 8,
  ANSI_PADDING: 16,
  ANSI_NULLS: 32,
  ARITHABORT: 64,
  ARITHIGNORE: 128,
  QUOTED_IDENTIFIER: 256,
  NOCOUNT: 512,
  ANSI_NULL_DFLT_ON: 1024,
  ANSI_NULL_DFLT_OFF: 2048,
  CONCAT_NULL_YIELDS_NULL: 4096,
  NUMERIC_ROUNDABORT: 8192,
  XACT_ABORT: 16384,
};

/** Options that may be one way only, because the engine knows no other. */
const fixed: Readonly<Record<string, boolean>> = {
  IMPLICIT_TRANSACTIONS: false,
  QUOTED_IDENTIFIER: true,
  ANSI_NULLS: true,
  CONCAT_NULL_YIELDS_NULL: true,
};

const defaults = [
  'ANSI_WARNINGS',
  'ANSI_PADDING',
  'ANSI_NULLS',
  'ARITHABORT',
  'QUOTED_IDENTIFIER',
  'ANSI_NULL_DFLT_ON',
  'CONCAT_NULL_YIELDS_NULL',
];

/** What `SET … ON` has set in a session: as the ODBC defaults have it after a login and after a reset. */
export class SessionOptions {
  readonly #on = new Set<string>(defaults);
  /** Milliseconds, as `SET LOCK_TIMEOUT` gives them; -1 for ever. */
  lockTimeout = -1;

  /** Error 40515 for an option that is not known, or that would change what statements mean. */
  set(option: string, on: boolean): void {
    if (bits[option] === undefined || on === !(fixed[option] ?? on)) {
      throw unsupported(`SET ${option}${bits[option] === undefined ? '' : on ? ' ON' : ' OFF'}`);
    }
    if (on) this.#on.add(option);
    else this.#on.delete(option);
  }

  /** Undefined for an option that is not known. */
  isOn(option: string): boolean | undefined {
    return bits[option] === undefined ? undefined : this.#on.has(option);
  }

  get xactAbort(): boolean {
    return this.#on.has('XACT_ABORT');
  }

  get noCount(): boolean {
    return this.#on.has('NOCOUNT');
  }

  /** The value of @@OPTIONS. */
  get mask(): number {
    return [...this.#on].reduce((mask, option) => mask | (bits[option] ?? 0), 0);
  }
}
