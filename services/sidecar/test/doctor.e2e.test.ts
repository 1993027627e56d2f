import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accountFaults } from './doctor/account-faults.ts';
import { type DoctorSite, nextPassword, password, startDoctorSite } from './doctor/doctor-site.ts';
import { networkFaults } from './doctor/network-faults.ts';
import { serverFaults } from './doctor/server-faults.ts';

let site: DoctorSite;
beforeAll(async () => {
  site = await startDoctorSite();
});
afterAll(() => site?.dispose());
const get = () => site;

const order = [
  ...[
    'settings',
    'secret',
    'directory-name',
    'server-name',
    'name-servers',
    'controller',
    'clock',
    'password',
  ],
  ...['ticket', 'encryption-type', 'port', 'tls-name', 'tls-authority', 'tls-version', 'login', 'database'],
  ...['channel-binding', 'rights', 'first-answer'],
];

describe('the doctor of the service', () => {
  test('checks every step, in order, and finds nothing wrong', async () => {
    const run = await site.doctor();
    expect(run.failures, run.text).toEqual([]);
    expect(run.exitCode).toBe(0);
    expect(run.findings.map(({ check }) => check)).toEqual(order);
    expect(run.findings.filter(({ status }) => status !== 'passed').map(({ check }) => check)).toEqual(
      run.find('name-servers')?.status === 'skipped' ? ['name-servers'] : [],
    );
    expect(run.find('password')?.detail).toMatch(/^doctor-user@CORP\.EXAMPLE\.COM signs in/);
    expect(run.find('login')?.detail).toContain('CORP\\doctor-user (KERBEROS)');
    expect(run.find('rights')?.detail).toContain('db_datareader');
    expect(run.facts).toMatchObject({
      directory: 'corp.example.com',
      'SQL Server': expect.stringContaining(site.host),
    });
  });

  test('speaks to people in 80 columns, with a report for a team', async () => {
    const run = await site.doctor({
      args: ['--report', 'database'],
      environment: { SQL_DATABASE: 'Nowhere' },
    });
    expect(run.exitCode).toBe(1);
    expect(run.text).toMatch(/^FAIL database +DATABASE_UNAVAILABLE: /m);
    expect(run.text).toMatch(/^ {22}Ask: the database team\.$/m);
    expect(run.text).toMatch(/^For the database team/m);
    expect(Math.max(...run.text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    const whole = await site.doctor({ args: ['--json'] });
    expect(JSON.parse(whole.text)).toMatchObject({
      healthy: true,
      checks: order.map((check) => ({ check })),
    });
  });

  networkFaults(get);
  accountFaults(get);
  serverFaults(get);

  test('wrong arguments end it with the exit code 2', async () => {
    for (const args of [
      ['--report', 'marketing'],
      ['--refusals', 'many'],
      ['--timeout', '0'],
      ['--password', 'x'],
    ]) {
      const run = await site.doctor({ args });
      expect(run.exitCode).toBe(2);
      expect(run.text).toContain('Usage: node main.mjs doctor');
    }
    for (const asked of ['--help', '-h']) expect((await site.doctor({ args: [asked] })).exitCode).toBe(0);
  });

  test('no output of these runs contains a password, a key or a ticket', () => {
    expect(site.said.length).toBeGreaterThan(0);
    for (const text of site.said) {
      for (const secret of [password, nextPassword]) {
        for (const form of forms(secret)) expect(text).not.toContain(form);
      }
      expect(text).not.toMatch(/[A-Za-z0-9+/]{80,}|[0-9a-f]{32,}/);
      expect(text).not.toMatch(/\n\s+at .*\.(ts|mjs):\d+/);
    }
  });
});

function forms(secret: string): string[] {
  return [
    ...[secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)],
    ...(['utf8', 'utf16le'] as const).flatMap((encoding) =>
      (['base64', 'hex'] as const).map((form) => Buffer.from(secret, encoding).toString(form)),
    ),
  ];
}
