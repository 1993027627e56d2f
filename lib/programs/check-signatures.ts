// Refuses npm packages that their registry has not signed: what `npm audit signatures` says of all that the lock file
// names, for the builds as well as for the services, on every platform.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import * as z from 'zod';
import { layPackages } from './packages/lay-packages.ts';
import { explainSignatures, signaturesReport } from './packages/signatures.ts';
import { progress, runProgram } from './program.ts';

/** Seconds: npm asks the registry about each package once. */
const limit = 600;

await runProgram(async () => {
  // In an installed tree npm would also ask for packages bundled within others, which no registry need know.
  const directory = mkdtempSync(join(tmpdir(), 'packages-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  layPackages('.', directory);
  // Its exit code is 1 for any of its reasons; what it wrote tells which.
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
    : [`npm said nothing of the signatures of the packages that could be read. ${stderr.trim()}`.trim()];
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  if (failed) throw new Error(`npm failed, and named no package. ${stderr.trim()}`.trim());
  progress('Every package has a valid signature of its registry.');
});
