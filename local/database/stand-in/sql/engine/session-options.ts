import { unsupported } from '../../sql-error.ts';

/** Options by their bits in @@OPTIONS, starting with bit 1, and whether they are on after a login. */
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

/** Options that cannot be changed, because the engine supports only one setting. */
const fixed = /^(IMPLICIT_TRANSACTIONS|QUOTED_IDENTIFIER|ANSI_NULLS|CONCAT_NULL_YIELDS_NULL)$/;

/**
 * The options that `SET … ON` sets in a session; after a login or a reset, the ODBC defaults apply.
 *
 * @see
 *   https://learn.microsoft.com/sql/database-engine/configure-windows/configure-the-user-options-server-configuration-option
 */
export class SessionOptions {
  /** The value of @@OPTIONS. */
  mask = [...options.values()].reduce((mask, { bit, byDefault }) => (byDefault ? mask | bit : mask), 0);
  /** In milliseconds, as in `SET LOCK_TIMEOUT`; -1 means forever. */
  lockTimeout = -1;

  /** Error 40515 for an option that is unknown or would change the meaning of statements. */
  set(name: string, on: boolean): void {
    const option = options.get(name);
    if (!option) throw unsupported(`SET ${name}`);
    if (fixed.test(name) && on !== option.byDefault) throw unsupported(`SET ${name} ${on ? 'ON' : 'OFF'}`);
    this.mask = on ? this.mask | option.bit : this.mask & ~option.bit;
  }

  /** Undefined for an unknown option. */
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
