import { TYPES } from 'tedious';
import { type DataType, refine, shown } from './data-type.ts';
import { momentOf, movedTo, roundedTo } from './moment.ts';
import { wholeBetween } from './number-types.ts';

/** Checks the year against the range of the type, in the time zone in which the value is written. */
function inYears(type: DataType, date: Date, useUTC: boolean, first: number): Date {
  const year = useUTC ? date.getUTCFullYear() : date.getFullYear();
  if (year >= first && year <= 9999) return date;
  throw new TypeError(`${shown(date)} is not in the years ${first} to 9999 of ${type.name}.`);
}

/** `DateTime` is rounded to 1/300 of a second, which would move the last millisecond of the year 9999 into the next year. */
function dateTime(type: DataType): DataType {
  return refine(type, {
    check(value, _, options) {
      const utc = options?.useUTC ?? true;
      const date = inYears(type, momentOf(value), utc, 1753);
      const next = new Date(date.getTime() + 1);
      if ((utc ? next.getUTCFullYear() : next.getFullYear()) <= 9999) return date;
      throw new TypeError(`${shown(date)} would be rounded beyond the year 9999: choose DateTime2.`);
    },
  });
}

function moment(type: DataType, first: number): DataType {
  return refine(type, {
    check: (value, _, options) => inYears(type, momentOf(value), options?.useUTC ?? true, first),
  });
}

/** Minutes. No country is further from UTC today, but a Date may hold an older offset: Alaska's was, until 1867. */
const mostOffset = 14 * 60;

function withinOffsets(date: Date): Date {
  if (Math.abs(date.getTimezoneOffset()) <= mostOffset) return date;
  throw new TypeError(`${shown(date)} has an offset beyond those of DateTimeOffset, -14:00 to +14:00.`);
}

/** `Time`, `DateTime2` and `DateTimeOffset`: seven fractional digits by default, including for null. */
function fractional(type: DataType): DataType {
  return refine(type, {
    check: (value, _, options) => {
      const date = momentOf(value);
      if (type.name === 'DateTimeOffset') return inYears(type, withinOffsets(date), true, 1);
      return type.name === 'Time' ? date : inYears(type, date, options?.useUTC ?? true, 1);
    },
    declare({ value, scale = 7 }, options) {
      wholeBetween('scale', scale, 0, 7);
      if (value === null) return { value, scale };
      const rounded = roundedTo(scale, value as Date);
      if (options) staysWithin(type, value as Date, rounded, options.useUTC);
      return { value: rounded, scale };
    },
  });
}

/** Rejects a value that rounding would move past midnight (`Time`) or past the year 9999. */
function staysWithin(type: DataType, date: Date, rounded: Date, useUTC: boolean): void {
  const utc = useUTC || type.name === 'DateTimeOffset';
  const day = (of: Date) => (utc ? of.getUTCDate() : of.getDate());
  const year = (of: Date) => (utc ? of.getUTCFullYear() : of.getFullYear());
  const left = type.name === 'Time' ? day(rounded) !== day(date) : year(rounded) > 9999;
  if (!left) return;
  const end = type.name === 'Time' ? 'the day' : 'the year 9999';
  throw new TypeError(`${shown(date)} would be rounded beyond ${end}: give it a greater scale.`);
}

/** Default options, for calls in which tedious passes none. */
const inUtc = { useUTC: true } as never;

/**
 * Rounds to the minute as SQL Server does (29.998 seconds down, 29.999 up); tedious drops the seconds. Without `useUTC`,
 * tedious also counts days from local midnight in 1900. Where the offset of that time was not a whole number of minutes, its
 * result for midnight is the day before.
 */
function smallDateTime(type: DataType): DataType {
  const minute = 60_000;
  const day = 24 * 60 * minute;
  return refine(type, {
    check: (value, _, options) => {
      const date = momentOf(value);
      const rounded = movedTo(Math.floor((date.getTime() + 30_001) / minute) * minute, date);
      try {
        return type.validate(rounded, undefined, options ?? inUtc);
      } catch {
        throw new TypeError(`${shown(date)} is not in the years 1900 to 2079 (6 June) of SmallDateTime.`);
      }
    },
    writeValue(buffer, { value }, options) {
      if (value === null) return buffer.writeUInt8(0);
      const date = value as Date;
      const [midnight, minutes] = options.useUTC
        ? [
            Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()),
            date.getUTCHours() * 60 + date.getUTCMinutes(),
          ]
        : [
            Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()),
            date.getHours() * 60 + date.getMinutes(),
          ];
      buffer.writeUInt8(4);
      buffer.writeUInt16LE((midnight - Date.UTC(1900, 0, 1)) / day);
      buffer.writeUInt16LE(minutes);
    },
  });
}

export const dateTypes: readonly DataType[] = [
  moment(TYPES.Date, 1),
  dateTime(TYPES.DateTime),
  smallDateTime(TYPES.SmallDateTime),
  fractional(TYPES.Time),
  fractional(TYPES.DateTime2),
  fractional(TYPES.DateTimeOffset),
];
