import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, expect, test } from 'vitest';
import type { DeploymentInput } from '../../lib/config/index.ts';
import { exampleInput } from './example-deployment.ts';

const root = join(import.meta.dirname, '../..');
const outdir = mkdtempSync(join(tmpdir(), 'app-'));
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

/** Runs the app as the CDK CLI does, without any credentials, but with `deployment`. */
function app(deployment: DeploymentInput, cwd = root) {
  return execa('node', [join(root, 'bin/app.ts')], {
    cwd,
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

test('a wrong configuration ends the synthesis with a sentence, without a stack trace', async () => {
  const { exitCode, all } = await app({ ...exampleInput, name: 'X' });
  expect(exitCode).toBe(1);
  expect(all).toBe(
    'The configuration in cdk.json is wrong.\n' +
      'deployment.name is "X": it must be 3 to 20 lower-case letters, digits and single hyphens, a letter first.',
  );
});

test('a duplicate key in cdk.json, of which the CDK passes only the last value, ends the synthesis with its position', async () => {
  const text = readFileSync(join(root, 'cdk.json'), 'utf8');
  const twice = text.replace('"name": "windows-auth",', '"name": "other",\n      "name": "windows-auth",');
  writeFileSync(join(outdir, 'cdk.json'), twice);
  const { exitCode, all } = await app(exampleInput, outdir);
  expect(all).toBe(
    'The configuration in cdk.json is wrong.\ncdk.json, line 7, column 7: the key "name" is a duplicate.',
  );
  expect(exitCode).toBe(1);
});
