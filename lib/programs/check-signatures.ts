// Fails on npm packages without a valid signature from their registry, as `npm audit signatures` reports them. Checks all
// packages of the lock file, of the builds and the services, for every platform.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import * as z from 'zod';
import { layPackages } from './packages/lay-packages.ts';
import { explainSignatures, signaturesReport } from './packages/signatures.ts';
import { progress, runProgram } from './program.ts';

/** Seconds. npm asks the registry once about each package. */
const limit = 600;

await runProgram(async () => {
  // In an installed tree, npm would also check packages bundled within others, which a registry need not know.
  const directory = mkdtempSync(join(tmpdir(), 'packages-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  layPackages('.', directory);
  // npm's exit code is 1 for every reason; its output says which one.
  const { stdout, stderr, timedOut, failed } = await execa('npm', ['audit', 'signatures', '--json'], {
    cwd: directory,
    reject: false,
    timeout: limit * 1000,
  });
  if (timedOut) throw new Error(`npm has not checked the signatures of the packages within ${limit} s.`);
  const answer = z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue('no JSON');
        return z.NEVER;
      }
    })
    .pipe(signaturesReport)
    .safeParse(stdout);
  const wrong = answer.success
    ? explainSignatures(answer.data)
    : [`npm gave no readable report on the signatures of the packages. ${stderr.trim()}`.trim()];
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  if (failed) throw new Error(`npm failed without naming a package. ${stderr.trim()}`.trim());
  progress('Every package has a valid signature from its registry.');
});
