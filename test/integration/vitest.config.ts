import { defineConfig } from 'vitest/config';
import { readSettings } from './settings.ts';

const { web, services, reportFile } = readSettings(process.env);

/** Configures the test that runs after a deployment, against the service at `SERVICE_URL`. */
export default defineConfig({
  test: {
    name: 'integration',
    root: import.meta.dirname,
    // A file without tests would be an error, and not every deployment has other services.
    include: [
      ...(web ? ['suite/web/*.test.ts'] : []),
      ...(services.length > 0 ? ['suite/others.test.ts'] : []),
    ],
    globalSetup: ['./global-setup.ts'],
    testTimeout: 60_000,
    // One request at a time: the test must not put the deployment under load.
    fileParallelism: false,
    isolate: false,
    reporters: ['verbose', ['junit', { outputFile: reportFile, suiteName: 'Integration' }]],
  },
});
