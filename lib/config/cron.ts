const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/**
 * A field of a cron expression: its bounds, names for its values (starting with the lowest), and other forms that it
 * allows.
 */
interface Field {
  readonly from: number;
  readonly to: number;
  readonly names?: readonly string[];
  readonly besides?: RegExp;
}

const day = { from: 1, to: 31, besides: /^(\?|L|LW|([1-9]|[12]\d|3[01])W)$/ };
const month = { from: 1, to: 12, names: months };
const weekday = {
  from: 1,
  to: 7,
  names: weekdays,
  besides: new RegExp(`^(\\?|L|[1-7]L|([1-7]|${weekdays.join('|')})#[1-5])$`),
};
const year = { from: 1970, to: 2199 };
const fields: readonly Field[] = [{ from: 0, to: 59 }, { from: 0, to: 23 }, day, month, weekday, year];

/** `*`, a value or a range, each with an optional step. */
const item = /^(\*|[0-9]+|[A-Z]{3})(?:-([0-9]+|[A-Z]{3}))?(?:\/([1-9][0-9]*))?$/;

function numberOf(word: string, { from, names = [] }: Field): number {
  return names.includes(word) ? names.indexOf(word) + from : Number(word);
}

/** @returns the numbers that a part of a field stands for; undefined if it is invalid or out of bounds */
function numbersOfPart(part: string, field: Field): number[] | undefined {
  const [, first, last, step] = item.exec(part) ?? [];
  if (first === undefined || (first === '*' && last !== undefined)) return undefined;
  const lowest = first === '*' ? field.from : numberOf(first, field);
  const named = last === undefined ? lowest : numberOf(last, field);
  if (!(field.from <= lowest && lowest <= named && named <= field.to)) return undefined;
  // A value with a step is the start of an open range.
  const isOpen = first === '*' || (last === undefined && step !== undefined);
  const highest = isOpen ? field.to : named;
  const width = Number(step ?? 1);
  // Quartz, which defined these fields, rejects a step above the last value.
  if (width > field.to) return undefined;
  return Array.from(
    { length: Math.floor((highest - lowest) / width) + 1 },
    (_, index) => lowest + index * width,
  );
}

function numbersOf(value: string, field: Field): ReadonlySet<number> | undefined {
  const parts = value.split(',').map((part) => numbersOfPart(part, field));
  return parts.includes(undefined) ? undefined : new Set(parts.flatMap((numbers) => numbers ?? []));
}

/**
 * Splits a cron expression into its six fields. Exactly one of day and weekday must be `?`.
 *
 * @param schedule such as `cron(0 3 * * ? *)`
 * @returns its fields; undefined if it is not a cron expression
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
export function cronFields(schedule: string): readonly string[] | undefined {
  const values = /^cron\((.+)\)$/.exec(schedule)?.[1]?.split(' ') ?? [];
  const open = [fields.indexOf(day), fields.indexOf(weekday)].filter((index) => values[index] === '?');
  const isCron =
    values.length === fields.length &&
    open.length === 1 &&
    fields.every((field, index) => {
      const value = values[index] ?? '';
      return field.besides?.test(value) || numbersOf(value, field) !== undefined;
    });
  return isCron ? values : undefined;
}

/**
 * Whether a schedule still has a day to run on. Some have none: 31 February does not exist, most Februaries have no
 * fifth Monday, and years may have passed.
 *
 * @param values as returned by `cronFields`
 * @param from the first day that counts; in UTC
 */
export function comes(values: readonly string[], from: Date): boolean {
  const [, , days = '', monthsOf = '', weekdaysOf = '', yearsOf = ''] = values;
  const inMonths = numbersOf(monthsOf, month);
  const inYears = [...(numbersOf(yearsOf, year) ?? [])].filter((one) => one >= from.getUTCFullYear());
  const isDay = days === '?' ? isWeekday(weekdaysOf) : isDayOfMonth(days);
  const first = startOf(from);
  return inYears.some((ofYear) =>
    [...(inMonths ?? [])].some((ofMonth) => {
      const length = lengthOf(ofYear, ofMonth);
      return Array.from({ length }, (_, index) => new Date(Date.UTC(ofYear, ofMonth - 1, index + 1))).some(
        (date) => date >= first && isDay(date, length),
      );
    }),
  );
}

type IsDay = (date: Date, daysInMonth: number) => boolean;

function isDayOfMonth(value: string): IsDay {
  if (value === 'L') return (date, length) => date.getUTCDate() === length;
  if (value === 'LW') return (date, length) => date.getUTCDate() === workdayNear(date, length, length);
  if (value.endsWith('W')) {
    const near = Number(value.slice(0, -1));
    return (date, length) => near <= length && date.getUTCDate() === workdayNear(date, near, length);
  }
  const numbers = numbersOf(value, day);
  return (date) => numbers?.has(date.getUTCDate()) ?? false;
}

function isWeekday(value: string): IsDay {
  const [, word, which] = /^([A-Z]{3}|\d)(?:#(\d))$/.exec(value) ?? [];
  if (word) {
    const number = numberOf(word, weekday);
    return (date) => weekdayOf(date) === number && Math.ceil(date.getUTCDate() / 7) === Number(which);
  }
  // `L` alone is Saturday; `6L` is the last Friday.
  if (value === 'L') return (date) => weekdayOf(date) === weekday.to;
  if (value.endsWith('L')) {
    const number = Number(value.slice(0, -1));
    return (date, length) => weekdayOf(date) === number && date.getUTCDate() > length - 7;
  }
  const numbers = numbersOf(value, weekday);
  return (date) => numbers?.has(weekdayOf(date)) ?? false;
}

const weekdayOf = (date: Date) => date.getUTCDay() + 1;
const lengthOf = (ofYear: number, ofMonth: number) => new Date(Date.UTC(ofYear, ofMonth, 0)).getUTCDate();
const startOf = (date: Date) => new Date(date.toISOString().slice(0, 10));

/** The day from Monday to Friday that is nearest to a day of a month, and in the same month. */
function workdayNear(date: Date, near: number, length: number): number {
  const isWorkday = (number: number) =>
    ![0, 6].includes(new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), number)).getUTCDay());
  const nearest = [near, near - 1, near + 1, near - 2, near + 2];
  return nearest.find((number) => number >= 1 && number <= length && isWorkday(number)) ?? near;
}
