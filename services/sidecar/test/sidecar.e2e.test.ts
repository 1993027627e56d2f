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

// Made before the tests begin: when tests begin side by side, vitest 5.1 may give one a fixture that another still makes.
test.beforeAll(async ({ directory, programs, secrets }) => {
  expect([directory, programs, secrets]).not.toContain(undefined);
});

// Most of the time of these tests is waiting, so they wait side by side, on one domain.
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

// How soon it ends is asked where nothing else is going on.
describe('the sidecar', () => {
  endTests();
});

// These stop the domain that the others use.
describe('the sidecar, when the directory', () => {
  crowdTests();
  krbtgtTests();
  outageTests();
});
