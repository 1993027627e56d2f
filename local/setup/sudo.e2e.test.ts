import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const nobody = 65_534;
const repository = join(import.meta.dirname, '..', '..');
let clone: string;

/** Replaces sudo: records its arguments, and runs nothing but the program. */
const sudo = `#!/bin/sh
echo "$*" >> ${'"$CLONE"'}/calls
[ "$1" != env ] || exec "$@"
`;
/** Creates a folder, as the rehearsal and the tests do, and exits with a code of its own. */
const program = `
import { mkdirSync } from 'node:fs';
mkdirSync('.state/logs', { recursive: true });
console.log('ran');
process.exitCode = 7;
`;

beforeAll(() => {
  clone = mkdtempSync(join(tmpdir(), 'sudo-'));
  for (const name of ['local/setup', 'package.json', 'package-lock.json'])
    cpSync(join(repository, name), join(clone, name), { recursive: true });
  // As they are after the set-up.
  mkdirSync(join(clone, 'node_modules'));
  for (const name of [`node-linux-${process.arch}`, 'kerberos'])
    symlinkSync(join(repository, 'node_modules', name), join(clone, 'node_modules', name));
  const lock = readFileSync(join(clone, 'package-lock.json'));
  writeFileSync(join(clone, 'node_modules', '.set-up-for'), createHash('sha256').update(lock).digest('hex'));
  mkdirSync(join(clone, 'bin'));
  writeFileSync(join(clone, 'bin', 'sudo'), sudo, { mode: 0o755 });
  writeFileSync(join(clone, 'program.mjs'), program);
  chmodSync(clone, 0o755);
  chownSync(clone, nobody, nobody);
});
afterAll(() => rmSync(clone, { recursive: true, force: true }));

test('files that a program created through sudo are handed back to the user when it has ended, even if it failed', () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['local/setup/run.mjs', '--for', 'rehearsal', 'program.mjs'],
    {
      ...{ cwd: clone, uid: nobody, gid: nobody, encoding: 'utf8' },
      env: { PATH: `${clone}/bin:${process.env.PATH}`, HOME: clone, CLONE: clone },
    },
  );
  expect([stderr, stdout, status]).toEqual(['', 'ran\n', 7]);
  expect(readFileSync(join(clone, 'calls'), 'utf8').trimEnd().split('\n')).toEqual([
    '--version',
    expect.stringMatching(/^env PATH=\S+ \S+\/node \S+ \S+\/program\.mjs$/),
    `chown --recursive ${nobody}:${nobody} ${clone}/.state`,
  ]);
});
