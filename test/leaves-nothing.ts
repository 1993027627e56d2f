import { isDeepStrictEqual } from 'node:util';
import { afterAll, expect } from 'vitest';

/** State that a test file shares with later ones in the same process. */
const shared = (): Readonly<Record<string, unknown>> => ({
  ...process.env,
  'the working directory': process.cwd(),
  'the umask': process.umask(),
  'the exit code': process.exitCode,
});

const before = shared();
afterAll(() => {
  const after = shared();
  // Report only the names, because the value of a variable may be a secret.
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => !isDeepStrictEqual(before[name], after[name]),
  );
  expect(changed, 'a test file leaves its process as it was').toEqual([]);
});
