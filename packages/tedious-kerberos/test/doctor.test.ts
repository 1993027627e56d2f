import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { printableJson, reportCheck, summary } from '../src/doctor/report.ts';
import { doctorProcess } from './domain/doctor-process.ts';

const widest = (text: string) => Math.max(...text.split('\n').map((line) => stringWidth(line)));

test.each([
  ['no command', []],
  ['another command', ['nurse', '--server', 'db']],
  ['no server', ['doctor']],
  ['an unknown option', ['doctor', '--server', 'db', '--password', 'secret']],
  ['an invalid port', ['doctor', '--server', 'db', '--port', '65536']],
  ['a port in the name', ['doctor', '--server', 'db,1433']],
  ['an instance in the name', ['doctor', '--server', 'db\\MUSIC']],
  ['what is no name', ['doctor', '--server', 'db#1']],
  ['an address in another form', ['doctor', '--server', '127.1']],
  ['an invalid address', ['doctor', '--server', 'dead:beef']],
  ['this machine as other drivers write it', ['doctor', '--server', '.']],
  ['no cache', ['doctor', '--server', 'db', '--ccache', '']],
  ['an invalid time', ['doctor', '--server', 'db', '--timeout', '0']],
  ['an invalid SPN', ['doctor', '--server', 'db', '--spn', 'db']],
  ['another way of encryption', ['doctor', '--server', 'db', '--encrypt', 'maybe']],
  ['authorities that are not there', ['doctor', '--server', 'db', '--ca', '/nowhere.pem']],
  ['authorities that are none', ['doctor', '--server', 'db', '--ca', import.meta.filename]],
  ['a long path', ['doctor', '--server', 'db', '--ca', `/${'nowhere/'.repeat(30)}`]],
  ['a name that steers the terminal', ['doctor', '--server', 'db', '--\u001b[2J\u009b31m']],
])('invalid arguments give exit code 2: %s', async (_, args) => {
  const outcome = await doctorProcess(args, {});
  expect(outcome.exitCode).toBe(2);
  expect(outcome.complaint).toMatch(/^Usage: tedious-kerberos doctor/m);
  expect(outcome.text).toBe('');
  expect(widest(outcome.complaint)).toBeLessThanOrEqual(80);
});

test.each(['--help', '-h'])('%s tells the usage', async (asked) => {
  const outcome = await doctorProcess([asked], {});
  expect(outcome.exitCode).toBe(0);
  expect(outcome.text).toMatch(/^Usage: /);
  expect(widest(outcome.text)).toBeLessThanOrEqual(80);
});

test('text from a server stays in its column and cannot control the terminal', () => {
  const detail = `\u001b[2J\u009b31mred ${'x'.repeat(200)}\r\nover\u0007`;
  const text = reportCheck({
    check: 'login',
    status: 'failed',
    code: 'SERVER_ERROR',
    detail,
    remedy: 'None.',
  });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
  expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  for (const [at, line] of text.split('\n').entries()) {
    expect(line.length).toBeLessThanOrEqual(80);
    if (at > 0) expect(line).toMatch(/^ {22}\S/);
  }
  expect(text).toContain('x'.repeat(58));
});

test.each([
  ['Japanese', '日本語のサーバーからの長いメッセージです。'.repeat(10)],
  ['emoji', '🎉'.repeat(100)],
  ['letters beyond the first plane', '𝒳'.repeat(100)],
])('%s words take no more than the columns of a line', (_, detail) => {
  const text = reportCheck({ check: 'login', status: 'failed', code: 'SERVER_ERROR', detail });
  for (const line of text.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(80);
  expect(text.replaceAll(/\s/g, '')).toBe(`FAILloginSERVER_ERROR:${detail}`);
});

test('bidirectional and invisible characters are removed from text and escaped in JSON', () => {
  const detail = 'a\u202ebc\u2066d\u200be\u009bf\u001b[31mg';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
  const steering = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2066-\u2069]/;
  expect(reportCheck({ check: 'login', status: 'passed', detail })).not.toMatch(steering);
  const json = printableJson({ detail });
  expect(json).not.toMatch(steering);
  expect(JSON.parse(json)).toEqual({ detail });
});

test.each([1, 16, 17, 18, 40])('the detail is separated from a check name of %i letters', (letters) => {
  const check = 'n'.repeat(letters);
  const lines = reportCheck({ check, status: 'passed', detail: 'It is there.' }).split('\n');
  expect(lines[0]).toMatch(new RegExp(`^ok {3}${check}( |$)`));
  expect(lines.at(-1)).toMatch(/^.{21} It is there\.$/);
});

test('the last line names the failed checks, in order', () => {
  const checks = (['name', 'ticket'] as const).map(
    (check) => ({ check, status: 'failed', detail: '' }) as const,
  );
  expect(summary(checks)).toBe('Wrong: name, ticket. Begin with the first.');
  expect(summary([])).toBe('Nothing is wrong.');
});
