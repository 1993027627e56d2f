import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, type MockInstance, test, vi } from 'vitest';
import { type Check, runInParallel } from './check.ts';

let log: MockInstance;
beforeEach(() => {
  log = vi.spyOn(console, 'log').mockReturnValue();
});
afterEach(() => log.mockRestore());

const shell = (title: string, command: string, timeLimit = 300): Check => ({
  title,
  command: 'sh',
  args: ['-c', command],
  timeLimit,
});

test.each(['lint', 'unit', 'synth'])(
  'npm run %s ends without a stack trace when the reader of its output goes away',
  (name) => {
    const program = `"${process.execPath}" test/${name}.ts none; echo "exit code $?" >&2`;
    const { stderr } = spawnSync('bash', ['-c', `{ ${program}; } | true`], { encoding: 'utf8' });
    expect(stderr).toBe('exit code 1\n');
  },
);

test('the lines of parallel checks can be shown as they are written', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'checks-'));
  const shown: string[] = [];
  // Each goes on only after its line was shown.
  log.mockImplementation((line: string) => {
    shown.push(line);
    if (line.endsWith(' begins')) writeFileSync(join(folder, line), '');
  });
  const check = (name: string) =>
    shell(
      name,
      `echo ${name} begins; until [ -e '${folder}/${name} begins' ]; do sleep 0.01; done; echo ${name} ends >&2`,
    );
  const failed = await runInParallel([check('One'), check('Two'), shell('Three', 'exit 3')], 'lines');
  rmSync(folder, { recursive: true });
  expect(failed).toEqual(['Three']);
  for (const name of ['One', 'Two']) {
    expect(shown.filter((line) => line.startsWith(name))).toEqual([
      `${name} begins`,
      `${name} ends`,
      expect.stringMatching(`^${name}: passed in `),
    ]);
  }
});

test('the output of parallel checks is shown one check at a time, and failed checks are named', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'checks-'));
  // Each ends only after the other has started.
  const meets = (own: string, other: string) =>
    `echo ${own} begins; touch ${folder}/${own}; until [ -e ${folder}/${other} ]; do sleep 0.01; done; echo ${own} ends`;
  const failed = await runInParallel([
    shell('One', meets('one', 'two')),
    shell('Two', `exec >&2; ${meets('two', 'one')}; exit 3`),
    shell('Three', 'exec sleep 60', 0.1),
    shell('Four', 'kill -9 $$'),
    { ...shell('Five', ''), command: '/nonexistent/program' },
  ]);
  rmSync(folder, { recursive: true });
  expect(failed).toEqual(['Two', 'Three', 'Four', 'Five']);
  const printed = log.mock.calls.map(([line]) => line).join('\n');
  expect(printed).toMatch(/^— One\none begins\none ends\nOne: passed in [\d.]+ s$/m);
  expect(printed).toMatch(/^— Two\ntwo begins\ntwo ends\nTwo: failed \(exit code 3\) in [\d.]+ s$/m);
  expect(printed).toMatch(/^— Three\nThree: failed \(no end after 0\.1 s\) in [\d.]+ s$/m);
  expect(printed).toMatch(/^Four: failed \(SIGKILL\) in [\d.]+ s$/m);
  expect(printed).toMatch(/^Five: failed \(spawn \/nonexistent\/program ENOENT\) in [\d.]+ s$/m);
});
