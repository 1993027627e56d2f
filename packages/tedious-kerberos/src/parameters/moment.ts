import { shown } from './data-type.ts';

/** A moment in ISO 8601 with its zone, and no more digits than a Date holds. */
const isoMoment = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/;

/** SQL Server's least unit of time. */
const ticksPerMillisecond = 10_000;

/**
 * A moment as tedious writes it: with the ticks of 100 ns that it reads into `nanosecondsDelta` and writes from
 * `nanosecondDelta`, and with the offset that a text names, for which it asks `getTimezoneOffset`.
 */
export class Moment extends Date {
  /** Seconds. */
  readonly nanosecondDelta: number;
  /** Minutes that the clocks there are ahead of UTC. */
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
 * tedious reads any text that `Date.parse` does: without a zone in that of the process, and without what is finer
 * than a millisecond. Taken here is a Date, or a text that says all of it.
 *
 * @throws TypeError
 */
export function momentOf(value: unknown): Date {
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
  if (midnight.getUTCMonth() === month - 1 && midnight.getUTCDate() === day)
    return new Moment(Date.parse(text), 0, offsetIn(text));
  throw new TypeError(`${shown(text)} is no moment in time: there is no such day.`);
}

function offsetIn(text: string): number {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(text) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
}

const clocks = ['FullYear', 'Month', 'Date', 'Hours', 'Minutes', 'Seconds', 'Milliseconds'] as const;

/**
 * A date that was rounded. One of a class with clocks of its own, such as TZDate of date-fns, keeps offset and clocks:
 * tedious reads these where `useUTC` is false. Any other has the offset that the process has then, which rounding may reach
 * another one of.
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
 * Rounded to so many digits of a second, as a whole: tedious rounds the time of day alone, and 23:59:59.9 becomes an
 * hour that no day has. Where there is nothing to round it is the same object.
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
