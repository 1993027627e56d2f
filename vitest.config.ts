import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { processStartTime } from './local/processes/process-group.ts';
import { LongestFirst } from './test/longest-first.ts';
import { name } from './test/temporary-folder.ts';

const ignored = ['**/node_modules/**', '**/dist/**', '.state/**', 'cdk.out/**'];

/**
 * What is polled comes in a moment, or on a machine that is slow and busy with other tests, much later than in vitest's one
 * second. This and the time limits below are for what hangs; a test has limits of its own only where they are longer.
 */
const patient = { poll: { timeout: 100_000 } };

/**
 * Three kinds of tests, told apart by their names:
 * `*.test.ts` needs nothing but the clone, `*.e2e.test.ts` runs against a real domain it starts itself,
 * and `test/containers` runs the images (`npm run test:containers`).
 */
export default defineConfig({
  test: {
    // Many tests wait for a ticket, a domain or a database: two files at a time, also where vitest would take fewer. A third
    // has them all wait for the processors of a small machine, until what they wait for comes too late.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          // Files share the modules that they load: the CDK alone takes seconds, a file.
          isolate: false,
          // A synthesis leaves much behind at once. With room for it from the start, and without threads that collect beside
          // tests which keep all processors busy, garbage takes a third of the processor time less.
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
          // Vitest's five seconds are too few for a synthesis on a machine that is busy with other tests.
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
