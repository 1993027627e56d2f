import { unsupported } from '../../sql-error.ts';

/** Names of options by their bits in @@OPTIONS, from bit 1 on; then whether they are on after a login. */
const table = `
IMPLICIT_TRANSACTIONS off, CURSOR_CLOSE_ON_COMMIT off, ANSI_WARNINGS on, ANSI_PADDING on, ANSI_NULLS on, ARITHABORT on,
ARITHIGNORE off, QUOTED_IDENTIFIER on, NOCOUNT off, ANSI_NULL_DFLT_ON on, ANSI_NULL_DFLT_OFF off,
CONCAT_NULL_YIELDS_NULL on, NUMERIC_ROUNDABORT off, XACT_ABORT off`;

const options = new Map(
  table.split(',').map((entry, index) => {
    const [name = '', state] = entry.trim().split(' ');
    return [name, { bit: 2 << index, byDefault: state === 'on' }];
  }),
);

/** Options that may be one way only, because the engine knows no other. */
const fixed = /^(IMPLICIT_TRANSACTIONS|QUOTED_IDENTIFIER|ANSI_NULLS|CONCAT_NULL_YIELDS_NULL)$/;

/**
 * What `SET … ON` has set in a session: as the ODBC defaults have it after a login and after a reset.
 *
 * @see https://learn.microsoft.com/sql/database-engine/configure-windows/configure-the-user-options-server-configuration-option
 */
export class SessionOptions {
  /** The value of @@OPTIONS. */
  mask = [...options.values()].reduce((mask, { bit, byDefault }) => (byDefault ? mask | bit : mask), 0);
  /** Milliseconds, as `SET LOCK_TIMEOUT` gives them; -1 forever. */
  lockTimeout = -1;

  /** Error 40515 for an option that is not known, or that would change what statements mean. */
  set(name: string, on: boolean): void {
    const option = options.get(name);
    if (!option) throw unsupported(`SET ${name}`);
    if (fixed.test(name) && on !== option.byDefault) throw unsupported(`SET ${name} ${on ? 'ON' : 'OFF'}`);
    this.mask = on ? this.mask | option.bit : this.mask & ~option.bit;
  }

  /** Undefined for an option that is not known. */
  isOn(name: string): boolean | undefined {
    const option = options.get(name);
    return option && (this.mask & option.bit) !== 0;
  }

  get xactAbort(): boolean {
    return this.isOn('XACT_ABORT') === true;
  }

  get noCount(): boolean {
    return this.isOn('NOCOUNT') === true;
  }
}
