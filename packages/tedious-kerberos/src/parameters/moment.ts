import { shown } from './data-type.ts';

/** A time in ISO 8601 with a time zone, and no more fractional digits than a Date holds. */
const isoMoment = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/;

/** SQL Server's smallest unit of time, 100 ns. */
const ticksPerMillisecond = 10_000;

/**
 * A Date in the form from which tedious writes all of it: 100 ns ticks in `nanosecondDelta` (tedious reads them into a
 * property of another name, `nanosecondsDelta`), and the UTC offset of the original string from `getTimezoneOffset`.
 */
export class Moment extends Date {
  /** Fraction beyond the milliseconds, in seconds. */
  readonly nanosecondDelta: number;
  /** Minutes ahead of UTC. */
  readonly offset: number;

  constructor(milliseconds: number, ticks: number, offset: number) {
    super(milliseconds);
    this.nanosecondDelta = ticks / (ticksPerMillisecond * 1000);
    this.offset = offset;
  }

  override getTimezoneOffset(): number {
    return 0 - this.offset;
  }
}

/**
 * Accepts a Date, or a complete ISO 8601 string. tedious accepts any string that `Date.parse` does, reads one without a time
 * zone in that of the process, and drops digits beyond the millisecond.
 *
 * @throws TypeError
 */
export function momentOf(value: unknown): Date {
  const text = typeof value === 'string';
  if (text && !isoMoment.test(value)) {
    throw new TypeError(
      `${shown(value)} is not a time such as "2026-01-31T12:00:00.123Z": give a Date, or send the string as NVarChar for the server to parse.`,
    );
  }
  const date = text ? momentIn(value) : value;
  if (!(date instanceof Date)) throw new TypeError(`${shown(value)} is not a Date.`);
  if (Number.isNaN(date.getTime())) throw new TypeError(`${shown(value)} is not a valid time.`);
  return date;
}

/** JavaScript would read 30 February as 2 March. */
function momentIn(text: string): Date {
  const [year, month, day] = text.slice(0, 10).split('-').map(Number) as [number, number, number];
  const midnight = new Date(0);
  midnight.setUTCFullYear(year, month - 1, day);
  if (midnight.getUTCMonth() === month - 1 && midnight.getUTCDate() === day)
    return new Moment(Date.parse(text), 0, offsetIn(text));
  throw new TypeError(`${shown(text)} is not a valid time: there is no such day.`);
}

function offsetIn(text: string): number {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(text) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
}

const clocks = ['FullYear', 'Month', 'Date', 'Hours', 'Minutes', 'Seconds', 'Milliseconds'] as const;

/**
 * Moves a Date to the time that it was rounded to. A Date subclass with its own local time, such as TZDate of date-fns,
 * keeps its offset and its local fields (`getHours()`, …), which tedious reads if `useUTC` is false. Any other Date gets the
 * process's offset at the new time, which may differ from that at the old one.
 */
export function movedTo(milliseconds: number, date: Date, ticks = 0): Date {
  const ofProcess = date.getTimezoneOffset === Date.prototype.getTimezoneOffset;
  const offset = (ofProcess ? new Date(milliseconds) : date).getTimezoneOffset();
  const moment = new Moment(milliseconds, ticks, 0 - offset);
  if (clocks.every((clock) => date[`get${clock}`] === Date.prototype[`get${clock}`])) return moment;
  const shown = new Date(0);
  shown.setUTCFullYear(date.getFullYear(), date.getMonth(), date.getDate());
  shown.setUTCHours(date.getHours(), date.getMinutes(), date.getSeconds(), date.getMilliseconds());
  shown.setTime(shown.getTime() + milliseconds - date.getTime());
  return Object.assign(
    moment,
    Object.fromEntries(clocks.map((clock) => [`get${clock}`, () => shown[`getUTC${clock}`]()])),
  );
}

/**
 * Rounds the whole Date to `scale` fractional digits of a second. tedious rounds only the time of day, so that 23:59:59.9
 * would become 24:00:00. Returns the same object if there is nothing to round.
 */
export function roundedTo(scale: number, date: Date): Date {
  const { nanosecondsDelta, nanosecondDelta } = date as Partial<Moment> & {
    readonly nanosecondsDelta?: number;
  };
  const written = nanosecondDelta ?? 0;
  const finer = Math.round((nanosecondsDelta ?? nanosecondDelta ?? 0) * ticksPerMillisecond * 1000) || 0;
  if (scale < 3) {
    const step = 10 ** (3 - scale);
    if (finer === 0 && written === 0 && date.getTime() % step === 0) return date;
    return movedTo(Math.round((date.getTime() + finer / ticksPerMillisecond) / step) * step, date);
  }
  if (finer === 0 && written === 0) return date;
  const step = 10 ** (7 - scale);
  const ticks = Math.round(finer / step) * step;
  const whole = Math.floor(ticks / ticksPerMillisecond);
  return movedTo(date.getTime() + whole, date, ticks - whole * ticksPerMillisecond);
}
