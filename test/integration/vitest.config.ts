import { defineConfig } from 'vitest/config';
import { readSettings } from './settings.ts';

const { web, services, reportFile } = readSettings(process.env);

/** The test that runs after a deployment, against whatever `SERVICE_URL` names. */
export default defineConfig({
  test: {
    name: 'integration',
    root: import.meta.dirname,
    // A file without any test is a fault: not every deployment has other services.
    include: [
      ...(web ? ['suite/web/*.test.ts'] : []),
      ...(services.length > 0 ? ['suite/others.test.ts'] : []),
    ],
    globalSetup: ['./global-setup.ts'],
    testTimeout: 60_000,
    // One request after the other: a deployment is to be looked at, not put under load.
    fileParallelism: false,
    isolate: false,
    reporters: ['verbose', ['junit', { outputFile: reportFile, suiteName: 'Integration' }]],
  },
});
