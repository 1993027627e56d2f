import { expect, test } from 'vitest';
import { suites, withSuites } from './suites.ts';

const known = suites();
const find = (pattern: string) => withSuites(pattern, known).slice(1);

test('a pattern finds tests in files that a test file imports', () => {
  expect(find('promotion')).toContain('test/pipeline/synthesized.test.ts');
  expect(find('synthesized/roles')).toEqual(['test/pipeline/synthesized.test.ts']);
  expect(find('key-changes')).toEqual(['services/sidecar/test/sidecar.e2e.test.ts']);
});

test('a pattern that names a test file finds that alone', () => {
  expect(withSuites('test/walls.test.ts', known)).toEqual(['test/walls.test.ts']);
});

test('every suite is run by a test file', () => {
  // These run on AWS, with a separate configuration.
  const forgotten = known.filter(
    ({ path, runBy }) => runBy.length === 0 && !path.startsWith('test/integration/suite/'),
  );
  expect(forgotten).toEqual([]);
});
