import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { SqlError } from '../../sql-error.ts';
import { formatDate, formatTime, parseTemporal } from '../../tds/temporal.ts';
import { convertValue } from '../convert-value.ts';
import { bigint, type DataType, int, parseType, type SqlValue } from '../data-types.ts';

type Scalar = (...values: SqlValue[]) => SqlValue;

const types = new Map<string, DataType>();

function typeNamed(text: SqlValue): DataType {
  const key = String(text);
  const known = types.get(key);
  if (known) return known;
  const type = parseType(key) ?? int;
  types.set(key, type);
  return type;
}

const text = (value: SqlValue | undefined): string => String(value ?? '');
const number = (value: SqlValue | undefined): number => Number(value ?? 0);
/** NULL in, NULL out. */
const strict =
  (scalar: Scalar): Scalar =>
  (...values) =>
    values.includes(null) ? null : scalar(...values);

function divide(dividend: SqlValue, divisor: SqlValue, whole: SqlValue): SqlValue {
  if (Number(divisor) === 0)
    throw new SqlError({ number: 8134, message: 'Divide by zero error encountered.' });
  return whole ? Math.trunc(Number(dividend) / Number(divisor)) : Number(dividend) / Number(divisor);
}

/** SQLite reckons with 64 bits, and beyond them with floating point numbers. */
function range(value: SqlValue, type: SqlValue): SqlValue {
  return convertValue(value, bigint, typeNamed(type));
}

function top(count: SqlValue): SqlValue {
  if (count === null)
    throw new SqlError({
      number: 1060,
      severity: 15,
      message:
        'The number of rows provided for a TOP or FETCH clauses row count parameter must be an integer.',
    });
  if (Number(count) < 0)
    throw new SqlError({
      number: 1014,
      severity: 15,
      message: 'A TOP or FETCH clause contains an invalid value.',
    });
  return count;
}

/** LIKE with its classes, `[a-f]` and `[^a-f]`, without regard to case. */
function like(value: SqlValue, pattern: SqlValue, escaped?: SqlValue): SqlValue {
  let source = '';
  const given = text(pattern);
  for (let i = 0; i < given.length; i++) {
    const character = given.charAt(i);
    const closing = character === '[' ? given.indexOf(']', i + 2) : -1;
    if (escaped && character === escaped) source += quoteExpression(given.charAt(++i));
    else if (character === '%') source += '[\\s\\S]*';
    else if (character === '_') source += '[\\s\\S]';
    else if (closing > 0) {
      source += `[${given.slice(i + 1, closing).replaceAll('\\', '\\\\')}]`;
      i = closing;
    } else source += quoteExpression(character);
  }
  return new RegExp(`^${source}$`, 'iu').test(text(value)) ? 1 : 0;
}

const quoteExpression = (character: string) => character.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

const part: Readonly<Record<string, (date: Date) => number>> = {
  year: (date) => date.getUTCFullYear(),
  month: (date) => date.getUTCFullYear() * 12 + date.getUTCMonth(),
  day: (date) => Math.floor(date.getTime() / 86_400_000),
  hour: (date) => Math.floor(date.getTime() / 3_600_000),
  minute: (date) => Math.floor(date.getTime() / 60_000),
  second: (date) => Math.floor(date.getTime() / 1000),
  millisecond: (date) => date.getTime(),
};

const abbreviations: Readonly<Record<string, string>> = {
  yy: 'year',
  yyyy: 'year',
  mm: 'month',
  m: 'month',
  dd: 'day',
  d: 'day',
  hh: 'hour',
  mi: 'minute',
  n: 'minute',
  ss: 'second',
  s: 'second',
  ms: 'millisecond',
};

function datePart(name: SqlValue): string {
  const lower = text(name).toLowerCase();
  const full = abbreviations[lower] ?? lower;
  if (part[full]) return full;
  throw new SqlError({
    number: 155,
    severity: 15,
    message: `'${lower}' is not a recognized datepart option.`,
  });
}

const asDate = (value: SqlValue) => new Date(`${text(value).slice(0, 23).replace(' ', 'T')}Z`);

function addToDate(name: SqlValue, amount: SqlValue, value: SqlValue): SqlValue {
  const unit = datePart(name);
  const date = asDate(value);
  if (unit === 'year' || unit === 'month') {
    const day = date.getUTCDate();
    date.setUTCDate(1);
    date.setUTCMonth(date.getUTCMonth() + number(amount) * (unit === 'year' ? 12 : 1));
    date.setUTCDate(
      Math.min(day, new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()),
    );
  } else {
    const milliseconds =
      { day: 86_400_000, hour: 3_600_000, minute: 60_000, second: 1000, millisecond: 1 }[unit] ?? 0;
    date.setTime(date.getTime() + Math.trunc(number(amount)) * milliseconds);
  }
  const parsed = parseTemporal(date.toISOString());
  return parsed ? `${formatDate(parsed.days)} ${formatTime(parsed.ticks, 7)}` : null;
}

function partOfDate(name: SqlValue, value: SqlValue): SqlValue {
  const unit = datePart(name);
  const date = asDate(value);
  const own: Readonly<Record<string, number>> = {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    millisecond: date.getUTCMilliseconds(),
  };
  return own[unit] ?? null;
}

function dateDifference(name: SqlValue, from: SqlValue, to: SqlValue): SqlValue {
  const count = part[datePart(name)];
  return count ? count(asDate(to)) - count(asDate(from)) : null;
}

/** FNV-1a: like CHECKSUM, a number that says nothing but differs where the values do. */
function checksum(...values: SqlValue[]): SqlValue {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(values.map((value) => text(value).toLowerCase()).join('\0'))) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash | 0;
}

function charIndex(wanted: SqlValue, within: SqlValue, start: SqlValue): SqlValue {
  return (
    text(within)
      .toLowerCase()
      .indexOf(text(wanted).toLowerCase(), Math.max(number(start) - 1, 0)) + 1
  );
}

function substring(value: SqlValue, start: SqlValue, length: SqlValue): SqlValue {
  if (number(length) < 0)
    throw new SqlError({
      number: 537,
      message: 'Invalid length parameter passed to the LEFT or SUBSTRING function.',
    });
  const from = number(start) - 1;
  return text(value).slice(Math.max(from, 0), Math.max(from + number(length), 0));
}

function quoteName(value: SqlValue, quote?: SqlValue): SqlValue {
  if (text(value).length > 128) return null;
  const mark = text(quote ?? '[').charAt(0);
  if (mark === '[' || mark === ']') return `[${text(value).replaceAll(']', ']]')}]`;
  return mark + text(value).replaceAll(mark, mark + mark) + mark;
}

const scalars: Readonly<Record<string, Scalar>> = {
  tsql_convert: (value, from, to) => convertValue(value ?? null, typeNamed(from ?? ''), typeNamed(to ?? '')),
  tsql_try_convert: (value, from, to) => {
    try {
      return convertValue(value ?? null, typeNamed(from ?? ''), typeNamed(to ?? ''));
    } catch {
      return null;
    }
  },
  tsql_divide: strict((a, b, whole) => divide(a ?? null, b ?? null, whole ?? 0)),
  tsql_modulo: strict((a, b) => {
    divide(a ?? null, b ?? null, 1);
    return number(a) % number(b);
  }),
  tsql_range: strict((value, type) => range(value ?? null, type ?? '')),
  tsql_top: (count) => top(count ?? null),
  tsql_like: strict((value, pattern, escaped) => like(value ?? '', pattern ?? '', escaped)),
  tsql_upper: strict((value) => text(value).toUpperCase()),
  tsql_lower: strict((value) => text(value).toLowerCase()),
  tsql_ltrim: strict((value) => text(value).replace(/^ +/, '')),
  tsql_rtrim: strict((value) => text(value).replace(/ +$/, '')),
  tsql_trim: strict((value) => text(value).replace(/^ +| +$/g, '')),
  tsql_left: strict((value, count) => substring(value ?? '', 1, count ?? 0)),
  tsql_right: strict((value, count) => (number(count) === 0 ? '' : text(value).slice(-number(count)))),
  tsql_substring: strict((value, start, length) => substring(value ?? '', start ?? 1, length ?? 0)),
  tsql_replace: strict((value, wanted, replacement) =>
    wanted === ''
      ? text(value)
      : text(value).replace(new RegExp([...text(wanted)].map(quoteExpression).join(''), 'gi'), () =>
          text(replacement),
        ),
  ),
  tsql_charindex: strict((wanted, within, start) => charIndex(wanted ?? '', within ?? '', start ?? 1)),
  tsql_replicate: strict((value, count) => text(value).repeat(Math.max(number(count), 0))),
  tsql_quotename: strict(quoteName as Scalar),
  tsql_abs: strict((value) => Math.abs(number(value))),
  tsql_floor: strict((value) => Math.floor(number(value))),
  tsql_ceiling: strict((value) => Math.ceil(number(value))),
  tsql_round: strict((value, digits) => {
    const factor = 10 ** number(digits);
    return (Math.sign(number(value)) * Math.round(Math.abs(number(value)) * factor)) / factor;
  }),
  tsql_datepart: strict((name, value) => partOfDate(name ?? '', value ?? '')),
  tsql_dateadd: strict((name, amount, value) => addToDate(name ?? '', amount ?? 0, value ?? '')),
  tsql_datediff: strict((name, from, to) => dateDifference(name ?? '', from ?? '', to ?? '')),
  tsql_add_days: strict((value, days) =>
    text(addToDate('millisecond', number(days) * 86_400_000, value ?? '')).slice(0, 23),
  ),
  tsql_checksum: checksum,
};

/** Functions whose values differ from call to call. */
const volatile: Readonly<Record<string, Scalar>> = {
  tsql_newid: () => randomUUID().toUpperCase(),
  tsql_rand: () => Math.random(),
};

/** Gives a SQLite connection the functions that T-SQL's expressions are translated to. */
export function registerScalarFunctions(database: DatabaseSync): void {
  for (const [name, scalar] of Object.entries(scalars)) {
    database.function(name, { deterministic: true, varargs: true }, scalar);
  }
  for (const [name, scalar] of Object.entries(volatile)) database.function(name, { varargs: true }, scalar);
}
