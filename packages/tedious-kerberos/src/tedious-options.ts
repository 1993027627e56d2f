import type { ConnectionOptions } from 'tedious';
import tdsVersions from 'tedious/lib/tds-versions.js';

/** The longest that a timer of Node.js takes: 24 days. */
const longest = 0x7fffffff;

/** Time limits of tedious, with what stands for "no limit" there; a login that may take 24 days has none either. */
const limits = { connectTimeout: longest, requestTimeout: 0 } as const;

/**
 * Numbers that tedious takes whatever they are: a packet of 8 bytes would keep it busy forever, and NaN in its first batch
 * would have the server leave out all settings of it.
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
 * Texts that tedious takes whatever they are, and sends: the version with LOGIN7, the order of a date's parts as SQL, in any
 * case.
 */
const choices: Readonly<Record<string, readonly string[]>> = {
  tdsVersion: Object.keys(tdsVersions.versions),
  dateFormat: ['mdy', 'dmy', 'ymd', 'ydm', 'myd', 'dym'],
};

/** Names in LOGIN7: of no more characters than `sysname` and the columns of `sys.dm_exec_sessions` have. */
const names = ['appName', 'workstationId', 'language', 'database'] as const;
const longestName = 128;

/**
 * Options of tedious that would make it do something else than they say.
 *
 * @throws RangeError for a time limit that no timer takes: tedious would take it for 1 ms; for other numbers out of range,
 *   for names that are too long, and for versions and date formats that there are not
 * @throws TypeError for `useColumnNames`: it drops columns of one name before anybody sees them; and for the name of an
 *   instance that is empty, of which SQL Server Browser would be asked for as long as a login may take
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
    if (typeof value !== 'number') continue; // tedious says what it must be
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
    throw new RangeError(`The option "${name}" has ${length} characters; SQL Server takes ${longestName}.`);
  }
  if (typeof options.instanceName === 'string' && options.instanceName.trim() === '') {
    throw new TypeError(
      'The option "instanceName" is empty: leave it out for the default instance, or where "port" is given.',
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

/** A server that says nothing any more confirms nothing: without an end, all that waits for the connection waits with it. */
function assertEnds(cancelTimeout: number): void {
  if (cancelTimeout >= 1 && cancelTimeout <= longest) return;
  throw new RangeError(
    `The option "cancelTimeout" must be a number of milliseconds from 1 to ${longest}, not ${cancelTimeout}: a server that is silent would be waited for without end.`,
  );
}

type Replacer = NonNullable<ConnectionOptions['columnNameReplacer']>;

/**
 * What it throws would end the connection, as if the server had spoken nonsense; what is no text would be a column's name.
 * Its fault is kept in the name instead, where whoever reads the rows finds it.
 */
function named(replacer: Replacer): Replacer {
  // tedious names another option in its sentence.
  if (typeof replacer !== 'function')
    throw new TypeError('The option "columnNameReplacer" must be a function.');
  return (name, index, metadata) => {
    try {
      const replaced: unknown = replacer(name, index, metadata);
      if (typeof replaced === 'string') return replaced;
      throw new TypeError(`it gave ${typeof replaced} for "${name}", not a text`);
    } catch (error) {
      return new FaultyName(error) as unknown as string;
    }
  };
}

/** In place of a column's name: why there is none. */
export class FaultyName {
  readonly because: unknown;

  constructor(because: unknown) {
    this.because = because;
  }
}
