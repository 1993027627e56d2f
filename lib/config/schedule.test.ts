import { describe, expect, test } from 'vitest';
import { comes, cronFields } from './cron.ts';
import { schedule, timeZone } from './schedule.ts';

const taken = (value: string) => schedule.safeParse(value).success;

describe('A schedule', () => {
  test.each([
    'rate(1 minute)',
    'rate(1 hour)',
    'rate(36 hours)',
    'rate(10 days)',
    'rate(366 days)',
    'rate(8784 hours)',
    'rate(527040 minutes)',
    'cron(0 3 * * ? *)',
    'cron(0/15 8-18 ? * MON-FRI *)',
    'cron(0/59 0/23 1/31 1/12 ? *)',
    'cron(*/5 0 1,15 JAN,JUL ? 2026-2199)',
    'cron(59 23 31 12 ? 2199)',
    'cron(0 10 ? * 6L *)',
    'cron(0 10 ? * L *)',
    'cron(0 10 ? * 3#2 *)',
    'cron(0 10 ? * TUE#5 *)',
    'cron(0 10 L * ? *)',
    'cron(0 10 LW * ? *)',
    'cron(0 10 3W * ? 2026/2)',
  ])('%s is accepted', (value) => {
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
    'rate(99999 days)',
    'rate(367 days)',
    'rate(8785 hours)',
    'rate(527041 minutes)',
    'rate(0 days)',
    'rate(1 days)',
    'rate(1 minute hour)',
    'rate(one hour)',
    'rate(1e2 days)',
    // Missing or surplus fields, or another program's cron syntax.
    '0 3 * * *',
    'cron(0 3 * * ?)',
    'cron(0 0 3 * * ? *)',
    'cron(0 3  * * ? *)',
    'cron()',
    'at(2026-01-01T00:00:00)',
    // Both the day and the weekday, or neither.
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
    // Values in the wrong field.
    'cron(? 3 * * ? *)',
    'cron(0 ? * * ? *)',
    'cron(0 3 * ? ? *)',
    'cron(0 3 * * ? ?)',
    'cron(L 3 * * ? *)',
    'cron(0 3 * MON ? *)',
    'cron(0 3 ? * JAN *)',
    'cron(0 3 * FOO ? *)',
    'cron(0/0 3 * * ? *)',
    'cron(*/60 * * * ? *)',
    'cron(0/60 * * * ? *)',
    'cron(0 0/25 * * ? *)',
    'cron(0 3 1/40 * ? *)',
    'cron(0 3 1 1/13 ? *)',
    'cron(0 3 ? * 1/8 *)',
    'cron(0, 3 * * ? *)',
    'cron(,0 3 * * ? *)',
    'cron(0-5-9 3 * * ? *)',
    'cron(@daily)',
    `cron(${Array.from({ length: 60 }, (_, minute) => minute).join(',')} ${'0,'.repeat(60)}1 * * ? *)`,
  ])('%s is refused', (value) => {
    expect(taken(value)).toBe(false);
  });
});

const today = new Date('2026-06-15T12:00:00Z');
const comesFrom = (value: string, from = today) => comes(cronFields(value) ?? [], from);

describe('A schedule, as of 15 June 2026,', () => {
  test.each([
    'cron(0 3 31 1 ? *)',
    'cron(0 3 29 2 ? *)',
    'cron(0 3 29 2 ? 2028)',
    'cron(0 3 28-31 FEB ? *)',
    'cron(0 3 30 */2 ? *)',
    'cron(0 3 15 6 ? 2026)',
    'cron(0 3 L 2 ? 2027)',
    'cron(0 3 LW 2 ? 2027)',
    'cron(0 3 29W 2 ? 2028)',
    'cron(0 3 ? 2 TUE#5 2028)',
    'cron(0 3 ? 2 6L 2027)',
    'cron(0 3 ? 2 L 2027)',
    'cron(0 3 ? * MON 2026)',
    'cron(0 3 1 1 ? 1999/4)',
    'cron(0 3 1 1 ? 1999-2027)',
    'cron(0 3 1 1 ? 1999,2199)',
  ])('%s has a day', (value) => {
    expect(comesFrom(value)).toBe(true);
  });

  test.each([
    'cron(0 3 31 2 ? *)',
    'cron(0 3 30,31 FEB ? *)',
    'cron(0 3 31 2,4,6,9,11 ? *)',
    'cron(0 3 31 4/5 ? *)',
    'cron(0 3 29 2 ? 2027)',
    'cron(0 3 29 2 ? 2100)',
    'cron(0 3 29 2 ? 2029-2031)',
    'cron(0 3 31W 4 ? *)',
    'cron(0 3 30W 2 ? *)',
    'cron(0 3 29W 2 ? 2027)',
    'cron(0 3 ? 2 MON#5 2027)',
    'cron(0 3 ? 2 2#5 2028)',
    'cron(0 3 * * ? 1999)',
    'cron(0 3 * * ? 1970-2025)',
    'cron(0 3 14 6 ? 2026)',
    'cron(0 3 L 5 ? 2026)',
  ])('%s never comes', (value) => {
    expect(cronFields(value)).toBeDefined();
    expect(comesFrom(value)).toBe(false);
  });

  test.each([
    // 1 August 2026 is a Saturday, so the next workday is the 3rd; 31 May is a Sunday, so the last workday is the 29th.
    ['cron(0 3 1W 8 ? 2026)', '2026-08-03', '2026-08-04'],
    ['cron(0 3 LW 5 ? 2026)', '2026-05-29', '2026-05-30'],
    ['cron(0 3 31W 5 ? 2026)', '2026-05-29', '2026-05-30'],
    ['cron(0 3 15W 8 ? 2026)', '2026-08-14', '2026-08-15'],
    ['cron(0 3 16W 8 ? 2026)', '2026-08-17', '2026-08-18'],
    ['cron(0 3 ? 8 6L 2026)', '2026-08-28', '2026-08-29'],
    ['cron(0 3 ? 8 MON#5 2026)', '2026-08-31', '2026-09-01'],
    ['cron(0 3 ? 8 L 2026)', '2026-08-29', '2026-08-30'],
    ['cron(0 3 ? 8 1-2 2026)', '2026-08-31', '2026-09-01'],
  ])('%s comes for the last time on %s', (value, last, after) => {
    expect(comesFrom(value, new Date(last))).toBe(true);
    expect(comesFrom(value, new Date(after))).toBe(false);
  });

  test.each(['rate(99999 days)', 'rate(9999999999 minutes)'])(
    '%s is refused with the limit, once',
    (value) => {
      expect(schedule.safeParse(value).error?.issues.map(({ message }) => message)).toEqual([
        'a rate of at most 366 days; for longer intervals, use a "cron(…)" that names its years',
      ]);
    },
  );

  test('that never comes is refused with what is wrong of it, once', () => {
    for (const value of ['cron(0 3 31 2 ? *)', 'cron(0 3 * * ? 1999)']) {
      expect(schedule.safeParse(value).error?.issues.map(({ message }) => message)).toEqual([
        'a schedule that still runs: from today on, none of its days exists in the years that it names',
      ]);
    }
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
    'EST',
    'EST5EDT',
    'GMT+0',
    'Zulu',
    'Japan',
  ])('%s is accepted', (value) => {
    expect(timeZone.safeParse(value).success).toBe(true);
  });

  test.each(
    ['Europe/Atlantis', 'europe/berlin', 'EUROPE/BERLIN', 'utc', '+02:00', 'UTC+2', '', 'Berlin'].concat(
      // Names that Node.js knows, but the IANA database does not.
      [
        'BST',
        'CST',
        'PST',
        'IST',
        'JST',
        'SystemV/EST5',
        'US/Pacific-New',
        'Canada/East-Saskatchewan',
        'Factory',
      ],
    ),
  )('%s is refused', (value) => {
    expect(timeZone.safeParse(value).success).toBe(false);
  });
});
