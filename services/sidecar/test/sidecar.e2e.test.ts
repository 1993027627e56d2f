import { describe } from 'vitest';
import { clockTests } from './suites/clock.ts';
import { containmentTests } from './suites/containment.ts';
import { directoryFaultTests, outageTests } from './suites/directory-faults.ts';
import { fetchedCredentialsTests } from './suites/fetched-credentials.ts';
import { passwordTests } from './suites/passwords.ts';
import { publishedFileTests } from './suites/published-files.ts';

// Most of the time of these tests is waiting, so they wait side by side, on one domain.
describe.concurrent('the sidecar', { timeout: 180_000 }, () => {
  passwordTests();
  fetchedCredentialsTests();
  directoryFaultTests();
  publishedFileTests();
  containmentTests();
  clockTests();
});

// These stop the domain that the others use.
describe('the sidecar, when the directory', { timeout: 180_000 }, outageTests);
