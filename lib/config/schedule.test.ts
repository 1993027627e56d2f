import { describe, expect, test } from 'vitest';
import { schedule, timeZone } from './schedule.ts';

const taken = (value: string) => schedule.safeParse(value).success;

describe('A schedule', () => {
  test.each([
    'rate(1 minute)',
    'rate(1 hour)',
    'rate(36 hours)',
    'rate(10 days)',
    'cron(0 3 * * ? *)',
    'cron(0/15 8-18 ? * MON-FRI *)',
    'cron(*/5 0 1,15 JAN,JUL ? 2026-2030)',
    'cron(59 23 31 12 ? 2199)',
    'cron(0 10 ? * 6L *)',
    'cron(0 10 ? * L *)',
    'cron(0 10 ? * 3#2 *)',
    'cron(0 10 ? * TUE#5 *)',
    'cron(0 10 L * ? *)',
    'cron(0 10 LW * ? *)',
    'cron(0 10 3W * ? 2026/2)',
  ])('%s is taken', (value) => {
    expect(taken(value)).toBe(true);
  });

  test.each([
    // Rates.
    'rate(0 minutes)',
    'rate(1 minutes)',
    'rate(1 hours)',
    'rate(2 hour)',
    'rate(07 days)',
    'rate(1.5 hours)',
    'rate(-1 hours)',
    'rate(2 weeks)',
    'rate(30 seconds)',
    'rate(2  hours)',
    'rate(100000000000 days)',
    // Fields that are missing, too many, or of another program's cron.
    '0 3 * * *',
    'cron(0 3 * * ?)',
    'cron(0 0 3 * * ? *)',
    'cron(0 3  * * ? *)',
    'cron()',
    'at(2026-01-01T00:00:00)',
    // Both days, or neither.
    'cron(0 3 * * * *)',
    'cron(0 3 ? * ? *)',
    'cron(0 3 1 * MON *)',
    // Out of bounds.
    'cron(60 3 * * ? *)',
    'cron(0 24 * * ? *)',
    'cron(0 3 0 * ? *)',
    'cron(0 3 32 * ? *)',
    'cron(0 3 32W * ? *)',
    'cron(0 3 0W * ? *)',
    'cron(0 3 * 13 ? *)',
    'cron(0 3 * 0 ? *)',
    'cron(0 3 ? * 8 *)',
    'cron(0 3 ? * 0 *)',
    'cron(0 3 ? * 2#6 *)',
    'cron(0 3 ? * ABC#2 *)',
    'cron(0 3 ? * MON#1,FRI#3 *)',
    'cron(0 3 * * ? 1969)',
    'cron(0 3 * * ? 2200)',
    'cron(0 3 30-10 * ? *)',
    'cron(0 3 * * ? 2030-2026)',
    // What stands where it cannot.
    'cron(? 3 * * ? *)',
    'cron(0 ? * * ? *)',
    'cron(0 3 * ? ? *)',
    'cron(0 3 * * ? ?)',
    'cron(L 3 * * ? *)',
    'cron(0 3 * MON ? *)',
    'cron(0 3 ? * JAN *)',
    'cron(0 3 * FOO ? *)',
    'cron(0/0 3 * * ? *)',
    'cron(0, 3 * * ? *)',
    'cron(,0 3 * * ? *)',
    'cron(0-5-9 3 * * ? *)',
    'cron(@daily)',
    `cron(${Array.from({ length: 60 }, (_, minute) => minute).join(',')} ${'0,'.repeat(60)}1 * * ? *)`,
  ])('%s is refused', (value) => {
    expect(taken(value)).toBe(false);
  });
});

describe('A time zone', () => {
  test.each([
    'UTC',
    'GMT',
    'Europe/Berlin',
    'America/Argentina/Buenos_Aires',
    'America/Port-au-Prince',
    'Asia/Kolkata',
    'Etc/GMT+5',
    'US/Eastern',
  ])('%s is taken', (value) => {
    expect(timeZone.safeParse(value).success).toBe(true);
  });

  test.each(['Europe/Atlantis', 'europe/berlin', 'EUROPE/BERLIN', 'utc', '+02:00', 'UTC+2', '', 'Berlin'])(
    '%s is refused',
    (value) => {
      expect(timeZone.safeParse(value).success).toBe(false);
    },
  );
});
