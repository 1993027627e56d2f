/** Converts dates and times between the engine's text form and the wire, MS-TDS 2.2.5.5.1.8 and 2.2.5.4. */

const dayMilliseconds = 86_400_000;

/** Day 0 of `date` and `datetime2`: 0001-01-01. Date.UTC would interpret the year 1 as 1901. */
const dayZero = new Date(0).setUTCFullYear(1, 0, 1);
/** Day 0 of `datetime`: 1900-01-01. */
const datetimeZero = Date.UTC(1900, 0, 1);

export interface Temporal {
  /** Days since 0001-01-01. */
  readonly days: number;
  /** Time since midnight, in units of 100 ns. */
  readonly ticks: bigint;
}

const pattern =
  /^\s*(?:(\d{4})(?:(\d{2})(\d{2})|[-/](\d{1,2})[-/](\d{1,2})))?(?:[ T]|$|^)(?:(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?\s*Z?\s*$/;

/** Parses `2026-11-24`, `20261124` or `2026/11/24`, with or without a time; undefined for anything else. */
export function parseTemporal(text: string): Temporal | undefined {
  const match = pattern.exec(text);
  if (!match || text.trim() === '') return undefined;
  const [year = '1900', month = '01', day = '01'] = [match[1], match[2] ?? match[4], match[3] ?? match[5]];
  const [hour = '0', minute = '0', second = '0', fraction = ''] = match.slice(6, 10);
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  return {
    days: Math.round((date.getTime() - dayZero) / dayMilliseconds),
    ticks: BigInt(seconds) * 10_000_000n + BigInt(fraction.padEnd(7, '0').slice(0, 7)),
  };
}

const two = (value: number) => String(value).padStart(2, '0');

export function formatDate(days: number): string {
  const date = new Date(dayZero + days * dayMilliseconds);
  return `${String(date.getUTCFullYear()).padStart(4, '0')}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
}

/** Formats a time with `scale` digits after the second; trailing zeros are kept. */
export function formatTime(ticks: bigint, scale: number): string {
  const seconds = Number(ticks / 10_000_000n);
  const fraction = String(ticks % 10_000_000n)
    .padStart(7, '0')
    .slice(0, scale);
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return scale > 0 ? `${clock}.${fraction}` : clock;
}

/** Bytes that a time of this scale takes on the wire. */
export const timeLength = (scale: number): number => (scale <= 2 ? 3 : scale <= 4 ? 4 : 5);

export const ticksToScale = (ticks: bigint, scale: number): bigint => ticks / 10n ** BigInt(7 - scale);
export const scaleToTicks = (value: bigint, scale: number): bigint => value * 10n ** BigInt(7 - scale);

/** `datetime` counts days since 1900 and 1/300 s since midnight. */
export function toDatetime({ days, ticks }: Temporal): { days: number; threeHundredths: number } {
  const threeHundredths = Math.round(Number(ticks) / 10_000 / (1000 / 300));
  const day = Math.round((dayZero + days * dayMilliseconds - datetimeZero) / dayMilliseconds);
  return threeHundredths >= 300 * 86_400
    ? { days: day + 1, threeHundredths: 0 }
    : { days: day, threeHundredths };
}

export function fromDatetime(days: number, threeHundredths: number): string {
  const milliseconds = Math.round((threeHundredths * 10) / 3);
  const sinceDayZero = Math.round((datetimeZero - dayZero) / dayMilliseconds) + days;
  return `${formatDate(sinceDayZero)} ${formatTime(BigInt(milliseconds) * 10_000n, 3)}`;
}
