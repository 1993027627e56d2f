import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sourceFiles } from '../source-files.ts';

/** Finds AWS clients that may wait forever. */
const patientForEver = (text: string) =>
  /new \w+Client\(/.test(text) && !/throwOnRequestTimeout: true/.test(text);

test('every AWS client of a program, a tool or a hook has timeouts that throw', () => {
  const files = sourceFiles().filter((file) => /^(bin|lib)\/.*(?<!\.test)\.ts$/.test(file));
  expect(files.length).toBeGreaterThan(50);
  expect(files.filter((file) => patientForEver(readFileSync(file, 'utf8')))).toEqual([]);
});

test('a client without them would be found', () => {
  expect(patientForEver("const client = new ECRClient({ region: 'eu-central-1' });")).toBe(true);
});
