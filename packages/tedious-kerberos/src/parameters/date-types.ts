import { TYPES } from 'tedious';
import { type DataType, refine, shown } from './data-type.ts';
import { wholeBetween } from './number-types.ts';

/** A moment in ISO 8601 with its zone, and no more digits than a Date holds. */
const isoMoment = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/;

/**
 * tedious reads any text that `Date.parse` does: without a zone in that of the process, and without what is finer
 * than a millisecond. Taken here is a Date, or a text that says all of it.
 */
function momentOf(value: unknown): Date {
  const text = typeof value === 'string';
  if (text && !isoMoment.test(value)) {
    throw new TypeError(
      `${shown(value)} is no moment such as "2026-01-31T12:00:00.123Z": give a Date, or the text as NVarChar for the server to read.`,
    );
  }
  const date = text ? momentIn(value) : value;
  if (!(date instanceof Date)) throw new TypeError(`${shown(value)} is not a Date.`);
  if (Number.isNaN(date.getTime())) throw new TypeError(`${shown(value)} is no moment in time.`);
  return date;
}

/** JavaScript makes the second of March of the thirtieth of February. */
function momentIn(text: string): Date {
  const [year, month, day] = text.slice(0, 10).split('-').map(Number) as [number, number, number];
  const midnight = new Date(0);
  midnight.setUTCFullYear(year, month - 1, day);
  if (midnight.getUTCMonth() === month - 1 && midnight.getUTCDate() === day) return new Date(text);
  throw new TypeError(`${shown(text)} is no moment in time: there is no such day.`);
}

/** The years that a type has, in the zone that it is written in. */
function inYears(type: DataType, date: Date, useUTC: boolean, first: number): Date {
  const year = useUTC ? date.getUTCFullYear() : date.getFullYear();
  if (year >= first && year <= 9999) return date;
  throw new TypeError(`${shown(date)} is not in the years ${first} to 9999 of ${type.name}.`);
}

/** To 1/300 of a second, by which the last millisecond of the year 9999 would be in the next. */
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

/** `Time`, `DateTime2` and `DateTimeOffset`: with all seven digits unless told otherwise, also where the value is null. */
function fractional(type: DataType): DataType {
  return refine(type, {
    check: (value, _, options) => {
      const utc = type.name === 'DateTimeOffset' || (options?.useUTC ?? true);
      return type.name === 'Time' ? momentOf(value) : inYears(type, momentOf(value), utc, 1);
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

/** What rounding may not do: end a day of a type that has one day, or the last year that there is. */
function staysWithin(type: DataType, date: Date, rounded: Date, useUTC: boolean): void {
  const utc = useUTC || type.name === 'DateTimeOffset';
  const day = (of: Date) => (utc ? of.getUTCDate() : of.getDate());
  const year = (of: Date) => (utc ? of.getUTCFullYear() : of.getFullYear());
  const left = type.name === 'Time' ? day(rounded) !== day(date) : year(rounded) > 9999;
  if (!left) return;
  const end = type.name === 'Time' ? 'the day' : 'the year 9999';
  throw new TypeError(`${shown(date)} would be rounded beyond ${end}: give it a greater scale.`);
}

/** Rounded as a whole: tedious rounds the time of day alone, and 23:59:59.9 becomes an hour that no day has. */
function roundedTo(scale: number, date: Date): Date {
  if (scale >= 3) return date;
  const step = 10 ** (3 - scale);
  return new Date(Math.round(date.getTime() / step) * step);
}

/** To the minute, as SQL Server rounds it (29.998 seconds down, 29.999 up); tedious drops the seconds. */
function smallDateTime(type: DataType): DataType {
  const minute = 60_000;
  return refine(type, {
    check: (value) => {
      const date = momentOf(value);
      try {
        return type.validate(new Date(Math.floor((date.getTime() + 30_001) / minute) * minute), undefined);
      } catch {
        throw new TypeError(`${shown(date)} is not in the years 1900 to 2079 (6 June) of SmallDateTime.`);
      }
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
