import type { ConnectionOptions } from 'tedious';
import tdsVersions from 'tedious/lib/tds-versions.js';

/** The longest delay of a Node.js timer in milliseconds, about 24 days. */
const longest = 0x7fffffff;

/** Time limits of tedious and the value that means "no limit". `connectTimeout` has none, so 24 days must do. */
const limits = { connectTimeout: longest, requestTimeout: 0 } as const;

/**
 * Ranges of numbers that tedious does not check. A packet size of 8 bytes would make it loop forever, and NaN in its first
 * batch would make the server ignore all of its settings.
 */
const ranges = {
  port: [1, 65_535],
  packetSize: [512, 32_767],
  connectionRetryInterval: [1, longest],
  datefirst: [1, 7],
  textsize: [-1, 0x7fffffff],
  maxRetriesOnTransientErrors: [0, Number.POSITIVE_INFINITY],
} as const;

/**
 * Strings that tedious sends unchecked: the TDS version in LOGIN7, the date format in SQL (where letter case does not
 * matter).
 */
const choices: Readonly<Record<string, readonly string[]>> = {
  tdsVersion: Object.keys(tdsVersions.versions),
  dateFormat: ['mdy', 'dmy', 'ymd', 'ydm', 'myd', 'dym'],
};

/** Names in LOGIN7; no longer than `sysname` and the columns of `sys.dm_exec_sessions` can hold. */
const names = ['appName', 'workstationId', 'language', 'database'] as const;
const longestName = 128;

/**
 * Checks options that tedious accepts but would not follow, and returns them in the form that tedious expects.
 *
 * @throws RangeError for a time limit beyond the range of timers (tedious would treat it as 1 ms), another number out of
 *   range, a name that is too long, or an unknown TDS version or date format
 * @throws TypeError for `useColumnNames`, which silently drops columns with the same name; for an empty instance name, which
 *   SQL Server Browser would be asked for until the login times out; and for a `columnNameReplacer` that is not a function
 */
export function checkedOptions(options: ConnectionOptions = {}): ConnectionOptions {
  if (options.useColumnNames) {
    throw new TypeError(
      'The option "useColumnNames" is not supported, as it drops columns of the same name: the rows of query() are objects without it, those of a Request are arrays.',
    );
  }
  const checked: Record<string, unknown> = { ...options };
  for (const [name, none] of Object.entries(limits)) {
    const value = checked[name];
    if (typeof value !== 'number') continue; // tedious reports what it must be
    checked[name] = checkedTime(name, value, none);
  }
  const { cancelTimeout } = options;
  if (typeof cancelTimeout === 'number') assertEnds(cancelTimeout);
  for (const [name, [least, most]] of Object.entries(ranges)) {
    const value = checked[name];
    if (typeof value !== 'number' || value === most) continue;
    if (Number.isInteger(value) && value >= least && value <= most) continue;
    throw new RangeError(
      `The option "${name}" must be a whole number from ${least}${most === Number.POSITIVE_INFINITY ? ', or Infinity' : ` to ${most}`}, not ${value}.`,
    );
  }
  for (const [name, known] of Object.entries(choices)) {
    const value = checked[name];
    if (typeof value !== 'string' || known.includes(name === 'dateFormat' ? value.toLowerCase() : value))
      continue;
    throw new RangeError(
      `The option "${name}" must be ${known.map((choice) => `"${choice}"`).join(', ')}, not ${JSON.stringify(value)}.`,
    );
  }
  for (const name of names) {
    const { length = 0 } = typeof options[name] === 'string' ? options[name] : '';
    if (length <= longestName) continue;
    throw new RangeError(
      `The option "${name}" has ${length} characters; SQL Server accepts at most ${longestName}.`,
    );
  }
  if (typeof options.instanceName === 'string' && options.instanceName.trim() === '') {
    throw new TypeError(
      'The option "instanceName" is empty: leave it out for the default instance, or if "port" is given.',
    );
  }
  if (options.columnNameReplacer) checked.columnNameReplacer = named(options.columnNameReplacer);
  return checked;
}

function checkedTime(name: string, value: number, none: number): number {
  if (value === Number.POSITIVE_INFINITY) return none;
  const least = none === 0 ? 0 : 1;
  if (value >= least && value <= longest) return value;
  throw new RangeError(
    `The option "${name}" must be a number of milliseconds from ${least} to ${longest}, or Infinity for no limit, not ${value}.`,
  );
}

/** A silent server confirms no cancellation. Without a limit, everything that waits for the connection would hang. */
function assertEnds(cancelTimeout: number): void {
  if (cancelTimeout >= 1 && cancelTimeout <= longest) return;
  throw new RangeError(
    `The option "cancelTimeout" must be a number of milliseconds from 1 to ${longest}, not ${cancelTimeout}: without a limit, a silent server would be waited for forever.`,
  );
}

type Replacer = NonNullable<ConnectionOptions['columnNameReplacer']>;

/**
 * Guards the caller's replacer. An exception in it would end the connection as if the server had broken the protocol, and
 * a result that is not a string would become a column name. Instead the fault is stored in place of the name, where
 * `RowReader` finds it.
 */
function named(replacer: Replacer): Replacer {
  // tedious' own error names a different option.
  if (typeof replacer !== 'function')
    throw new TypeError('The option "columnNameReplacer" must be a function.');
  return (name, index, metadata) => {
    try {
      const replaced: unknown = replacer(name, index, metadata);
      if (typeof replaced === 'string') return replaced;
      throw new TypeError(`it returned ${typeof replaced} for "${name}", not a string`);
    } catch (error) {
      return new FaultyName(error) as unknown as string;
    }
  };
}

/** Stands in for a column name that the replacer failed to give. */
export class FaultyName {
  readonly because: unknown;

  constructor(because: unknown) {
    this.because = because;
  }
}
