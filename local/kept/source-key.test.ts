import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bundle } from '@packages/service/bundle';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sourceKey } from './source-key.ts';

const repository = join(import.meta.dirname, '..', '..');
let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'sources-'));
  for (const file of ['package.json', 'package-lock.json', 'tsconfig.json']) {
    cpSync(join(repository, file), join(root, file));
  }
  for (const file of ['base-images.json', 'accepted-findings.json']) write(file, '{}');
  for (const folder of ['buildspecs', 'lib', 'packages', 'services']) write(`${folder}/there.ts`, '');
});
afterAll(() => rmSync(root, { recursive: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

test.each([
  'lib/there.ts',
  'lib/constructs/new.ts',
  'packages/kerberos/src/cache.ts',
  'services/web/src/page.css',
  'services/provisioning/src/script.sql',
  'buildspecs/tests.yml',
  'package-lock.json',
  'tsconfig.json',
])('changes when %s changes', (file) => {
  const before = sourceKey(root);
  write(file, '{ "name": "changed" }');
  expect(sourceKey(root)).not.toBe(before);
  expect(sourceKey(root)).toBe(sourceKey(root));
});

test.each([
  'lib/there.test.ts',
  'services/web/test/harness.ts',
  'services/web/node_modules/tedious/index.js',
  'packages/kerberos/dist/index.js',
  'docs/deploy.md',
])('stays the same when %s changes', (file) => {
  const before = sourceKey(root);
  write(file, 'changed');
  expect(sourceKey(root)).toBe(before);
});

test('the lock file of an editor changes nothing', () => {
  const before = sourceKey(root);
  symlinkSync('somebody@machine.1234', join(root, 'lib', '.#there.ts'));
  expect(sourceKey(root)).toBe(before);
});

test.each(['web', 'sidecar', 'worker', 'job'])(
  'covers every source of the programs of %s',
  async (service) => {
    const programs = service === 'job' ? ['main'] : ['main', 'health'];
    const inputs = await bundle(join(repository, 'services', service), join(root, 'out', service), programs);
    const ours = inputs.filter((input) => !input.includes('node_modules/'));
    expect(ours.length).toBeGreaterThan(0);
    expect(ours.filter((input) => !/^(packages|services)\//.test(input))).toEqual([]);
    expect(ours.filter((input) => /(^|\/)(test|dist)\/|\.test\.ts$/.test(input))).toEqual([]);
  },
);
