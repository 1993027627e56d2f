import { defineConfig } from 'vitest/config';
import { readSettings } from './settings.ts';

/** The test that runs after a deployment, against whatever `SERVICE_URL` names. */
export default defineConfig({
  test: {
    name: 'integration',
    root: import.meta.dirname,
    include: ['suite/*.test.ts'],
    globalSetup: ['./global-setup.ts'],
    testTimeout: 60_000,
    // One request after the other: a deployment is to be looked at, not put under load.
    fileParallelism: false,
    isolate: false,
    reporters: [
      'verbose',
      ['junit', { outputFile: readSettings(process.env).reportFile, suiteName: 'Integration' }],
    ],
  },
});
