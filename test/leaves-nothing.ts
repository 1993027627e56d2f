import { afterAll, expect } from 'vitest';

/** What a test file shares with those that run after it in the same process. */
const shared = () => ({
  environment: { ...process.env },
  directory: process.cwd(),
  umask: process.umask(),
  exitCode: process.exitCode,
});

const before = shared();
afterAll(() => {
  expect(shared(), 'a test file leaves its process as it was').toEqual(before);
});
