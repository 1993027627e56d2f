import { text } from './fields.ts';

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** Bounds of a field of cron's, names for its values from the first on, and what it takes besides. */
interface Field {
  readonly from: number;
  readonly to: number;
  readonly names?: readonly string[];
  readonly besides?: RegExp;
}

const day = { from: 1, to: 31, besides: /^(\?|L|LW|([1-9]|[12]\d|3[01])W)$/ };
const weekday = {
  from: 1,
  to: 7,
  names: weekdays,
  besides: new RegExp(`^(\\?|L|[1-7]L|([1-7]|${weekdays.join('|')})#[1-5])$`),
};
const fields: readonly Field[] = [
  { from: 0, to: 59 },
  { from: 0, to: 23 },
  day,
  { from: 1, to: 12, names: months },
  weekday,
  { from: 1970, to: 2199 },
];

/** `*`, a value or a range, each with steps of so many. */
const item = /^(?:\*|([0-9]+|[A-Z]{3})(?:-([0-9]+|[A-Z]{3}))?)(?:\/([1-9][0-9]*))?$/;

function isField(value: string, { from, to, names = [], besides }: Field): boolean {
  if (besides?.test(value)) return true;
  const numberOf = (word: string) => (names.includes(word) ? names.indexOf(word) + from : Number(word));
  return value.split(',').every((part) => {
    const [whole, first = String(from), last = first] = item.exec(part) ?? [];
    const [lowest, highest] = [numberOf(first), numberOf(last)];
    return whole !== undefined && from <= lowest && lowest <= highest && highest <= to;
  });
}

/**
 * Six fields, of which either the day or the weekday says nothing (`?`).
 *
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
function isCron(schedule: string): boolean {
  const values = /^cron\((.+)\)$/.exec(schedule)?.[1]?.split(' ') ?? [];
  const open = [fields.indexOf(day), fields.indexOf(weekday)].filter((index) => values[index] === '?');
  return (
    values.length === fields.length &&
    open.length === 1 &&
    fields.every((field, index) => isField(values[index] ?? '', field))
  );
}

const allowed =
  'a schedule of EventBridge Scheduler, such as "rate(1 hour)" or "cron(0 3 * * ? *)": minutes, hours, day, month, weekday, year, with ? for either the day or the weekday';

/** When a job runs; the API takes 256 characters. */
export const schedule = text(/^(?=.{1,256}$)(rate|cron)\([^()]+\)$/, allowed).refine(
  (value) =>
    /^rate\((1 (minute|hour|day)|([2-9]|[1-9]\d{1,4}) (minutes|hours|days))\)$/.test(value) || isCron(value),
  { error: allowed },
);

const allowedZone = 'the name of a time zone, such as "Europe/Berlin"';

/** The time zone of a schedule, in the very letters of the IANA's database: others are unknown to EventBridge Scheduler. */
export const timeZone = text(/^[A-Z][A-Za-z0-9_+-]*(\/[A-Z][A-Za-z0-9_+-]*){0,2}$/, allowedZone).refine(
  isTimeZone,
  { error: allowedZone },
);

function isTimeZone(name: string): boolean {
  try {
    const { timeZone: found } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    // One of several names may be shown by another of them.
    return found === name || found.toLowerCase() !== name.toLowerCase();
  } catch {
    return false;
  }
}
