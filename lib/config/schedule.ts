import { comes, cronFields } from './cron.ts';
import { text } from './fields.ts';

const allowed =
  'a schedule of EventBridge Scheduler, such as "rate(1 hour)" or "cron(0 3 * * ? *)": minutes, hours, day, month, weekday, year, with ? for either the day or the weekday';

/** Milliseconds. In time zones behind UTC, it may still be yesterday. */
const day = 86_400_000;

const rate = /^rate\((1 (minute|hour|day)|([2-9]|[1-9]\d+) (minutes|hours|days))\)$/;

/** For each unit, the number in a leap year. AWS documents no limit; a job with a longer interval should use cron. */
const mostInRate: Readonly<Record<string, number>> = { minutes: 527_040, hours: 8784, days: 366 };

/** When a job runs; the API allows 256 characters. */
export const schedule = text(/^(?=.{1,256}$)(rate|cron)\([^()]+\)$/, allowed)
  .refine((value) => rate.test(value) || cronFields(value) !== undefined, { error: allowed, abort: true })
  .refine(
    (value) => {
      const [, , , count, unit = ''] = rate.exec(value) ?? [];
      return count === undefined || Number(count) <= (mostInRate[unit] ?? 0);
    },
    { error: 'a rate of at most 366 days; for longer intervals, use a "cron(…)" that names its years' },
  )
  .refine(
    (value) => {
      const fields = cronFields(value);
      return fields === undefined || comes(fields, new Date(Date.now() - day));
    },
    {
      error: 'a schedule that still runs: from today on, none of its days exists in the years that it names',
    },
  );

const allowedZone = 'the name of a time zone, such as "Europe/Berlin"';

/**
 * The time zone of a schedule, spelt exactly as in the IANA database, because EventBridge Scheduler knows no other
 * spelling.
 */
export const timeZone = text(/^[A-Z][A-Za-z0-9_+-]*(\/[A-Z][A-Za-z0-9_+-]*){0,2}$/, allowedZone).refine(
  isTimeZone,
  { error: allowedZone },
);

/** The only three-letter names in the database. */
const shortZones = /^(CET|EET|EST|GMT|HST|MET|MST|PRC|ROC|ROK|UCT|UTC|WET)$/;
/**
 * Names that Node.js accepts (through ICU) although the database lacks them: Java's three-letter names, and names since
 * removed.
 */
const notOfIana = /^([A-Z]{3}|SystemV\/.*|US\/Pacific-New|Canada\/East-Saskatchewan)$/;

const timeZones = new Map<string, boolean>();

/** Caches each look-up, because it is slow and a configuration is read repeatedly. */
function isTimeZone(name: string): boolean {
  const known = timeZones.get(name) ?? isKnownTimeZone(name);
  timeZones.set(name, known);
  return known;
}

function isKnownTimeZone(name: string): boolean {
  if (notOfIana.test(name) && !shortZones.test(name)) return false;
  try {
    const { timeZone: found } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    // ICU may return another name of the same zone, but not another spelling of this one.
    return found === name || found.toLowerCase() !== name.toLowerCase();
  } catch {
    return false;
  }
}
