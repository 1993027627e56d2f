import { describe, expect } from 'vitest';
import { test } from './sidecar-test.ts';
import { clockTests } from './suites/clock.ts';
import { containmentTests, endTests } from './suites/containment.ts';
import { crowdTests } from './suites/crowd.ts';
import { directoryFaultTests, outageTests } from './suites/directory-faults.ts';
import { fetchedCredentialsTests } from './suites/fetched-credentials.ts';
import { impostorTests } from './suites/impostors.ts';
import { keyChangeTests, krbtgtTests } from './suites/key-changes.ts';
import { passwordTests } from './suites/passwords.ts';
import { publishedFileTests } from './suites/published-files.ts';

// Create these fixtures before the tests begin: when tests start concurrently, vitest 5.1 may give one a fixture that
// another is still making.
test.beforeAll(async ({ directory, programs, secrets }) => {
  expect([directory, programs, secrets]).not.toContain(undefined);
});

// These tests spend most of their time waiting, so they run concurrently, on one domain.
describe.concurrent('the sidecar', () => {
  passwordTests();
  fetchedCredentialsTests();
  directoryFaultTests();
  publishedFileTests();
  containmentTests();
  clockTests();
  keyChangeTests();
  impostorTests();
});

// How soon the sidecar ends is measured while nothing else runs.
describe('the sidecar', () => {
  endTests();
});

// These tests stop the domain that the others use.
describe('the sidecar, when the directory', () => {
  crowdTests();
  krbtgtTests();
  outageTests();
});
