import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { processStartTime } from './local/processes/process-group.ts';
import { LongestFirst } from './test/longest-first.ts';
import { name } from './test/temporary-folder.ts';

const ignored = ['**/node_modules/**', '**/dist/**', '.state/**', 'cdk.out/**'];

/**
 * On a slow machine that is busy with other tests, a polled condition takes much longer than vitest's one second. This and
 * the time limits below only stop what hangs; a test sets its own limit only if it needs a longer one.
 */
const patient = { poll: { timeout: 100_000 } };

/**
 * Three kinds of tests, told apart by their names:
 * `*.test.ts` needs nothing but the clone, `*.e2e.test.ts` runs against a real domain it starts itself,
 * and `test/containers` runs the images (`npm run test:containers`).
 */
export default defineConfig({
  test: {
    // Two files at a time, even on a machine for which vitest would choose one, because many tests wait for a ticket, a
    // domain or a database. `npm test` runs this number for unit and for end-to-end tests, side by side.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          // Files share the modules that they load. Loading the CDK alone takes seconds.
          isolate: false,
          // A synthesis produces much garbage. With a large heap from the start, and no collector threads that compete with
          // the tests for the processors, collecting it takes a third less processor time.
          execArgv: [
            '--min-semi-space-size=64',
            '--max-semi-space-size=64',
            '--initial-old-space-size=1000',
            '--single-threaded-gc',
            '--v8-pool-size=1',
          ],
          globalSetup: ['test/made-once.ts', 'test/temporary-folder.ts'],
          env: { TMPDIR: join(tmpdir(), `${name}-${process.pid}.${processStartTime(process.pid)}-vitest`) },
          setupFiles: 'test/leaves-nothing.ts',
          include: ['**/*.test.ts'],
          exclude: [...ignored, '**/*.e2e.test.ts', 'test/containers/**', 'test/integration/suite/**'],
          // Vitest's five seconds are too short for a synthesis on a machine that is busy with other tests.
          testTimeout: 300_000,
          hookTimeout: 600_000,
          expect: patient,
        },
      },
      {
        test: {
          name: 'e2e',
          globalSetup: 'test/made-once.ts',
          include: ['**/*.e2e.test.ts'],
          exclude: [...ignored, 'test/containers/**'],
          testTimeout: 300_000,
          hookTimeout: 600_000,
          expect: patient,
        },
      },
      {
        test: {
          name: 'containers',
          include: ['test/containers/**/*.test.ts'],
          globalSetup: 'test/containers/global-setup.ts',
          testTimeout: 300_000,
          hookTimeout: 900_000,
          expect: patient,
          fileParallelism: false,
        },
      },
    ],
  },
});
