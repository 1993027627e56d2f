// `npm run test:containers`: sets up a container engine, builds the images as the pipeline does, and tests them.
// `npm run test:containers -- PATTERN…` runs the test files whose path matches.
import { rm } from 'node:fs/promises';
import { watchOutput } from '../../lib/operator/output.ts';
import { runChecks, testCounts } from '../check.ts';

// If the reader of our output goes away (`| head`), stop the running tests.
watchOutput(() => process.exit(1));

const report = '.state/reports/containers.json';
// Remove the report of an earlier run, so that its numbers are not taken for this one's.
await rm(report, { force: true });
const failed = await runChecks([
  {
    title: 'Images and tasks',
    command: 'vitest',
    args: [
      'run',
      '--project=containers',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      '--reporter=junit',
      '--outputFile.junit=.state/reports/containers.xml',
      ...process.argv.slice(2),
    ],
    timeLimit: 3600,
  },
]);
const counts = await testCounts(report);
console.log(`\n${counts.passed} passed, ${Math.max(counts.failed, failed.length)} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;
