import { execa } from 'execa';
import { expect, test } from 'vitest';
import { readSettings } from './settings.ts';

test('defaults: port 8080, 127.80.0.0/24, no approvals asked', () => {
  expect(readSettings([])).toMatchObject({
    once: false,
    approve: false,
    containers: false,
    port: 8080,
    network: '127.80.0',
  });
});

const start = (...words: string[]) =>
  execa('node', ['--disable-warning=ExperimentalWarning', 'local/start.ts', ...words], { reject: false });

test.each([
  [
    ['--port', '99999'],
    "'--port <number>' argument '99999' is invalid. It must be a whole number from 1 to 65535.",
  ],
  [
    ['--domain', 'corp'],
    "'--domain <name>' argument 'corp' is invalid. It must be a DNS name of two or more labels",
  ],
  [
    ['--network', '10.0.0'],
    "'--network <prefix>' argument '10.0.0' is invalid. It must be the first three numbers",
  ],
  [['--onec'], "unknown option '--onec'"],
  [
    ['--sql-server', 'somewhere'],
    "'--sql-server <host:port>' argument 'somewhere' is invalid. It must be a host and a port, such as",
  ],
  [['--sql-server-ca', 'ca.pem'], "need '--sql-server <host:port>'."],
  [
    ['--sql-server', 'localhost:1433'],
    'SQL_SERVER_ADMIN_PASSWORD is not set: put the password of sa in that',
  ],
])('%j is refused with an error message before anything starts', async (words, sentence) => {
  const { exitCode, stderr, stdout } = await start(...words);
  expect(exitCode).toBe(1);
  expect(stderr).toContain(sentence);
  expect(stderr).not.toContain('    at ');
  expect(stdout).toBe('');
});
