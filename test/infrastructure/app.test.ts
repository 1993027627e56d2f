import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, expect, test } from 'vitest';
import type { DeploymentInput } from '../../lib/config/index.ts';
import { exampleInput } from './example-deployment.ts';

const outdir = mkdtempSync(join(tmpdir(), 'app-'));
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

/** Runs the app as the CDK's command line does, without any credentials, but with `deployment`. */
function app(deployment: DeploymentInput) {
  return execa('node', ['bin/app.ts'], {
    cwd: join(import.meta.dirname, '../..'),
    extendEnv: false,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: outdir,
      CDK_OUTDIR: outdir,
      CDK_CONTEXT_JSON: JSON.stringify({ deployment }),
    },
    reject: false,
    all: true,
  });
}

test('a wrong configuration ends the synthesis with a sentence, and no stack trace', {
  timeout: 60_000,
}, async () => {
  const { exitCode, all } = await app({ ...exampleInput, name: 'X' });
  expect(exitCode).toBe(1);
  expect(all).toBe(
    'The configuration in cdk.json is wrong.\n' +
      'deployment.name is "X": it must be 3 to 20 lower-case letters, digits and single hyphens, a letter first.',
  );
});
