// `npm run test:containers`: makes containers possible here, builds the images as the pipeline does, tests them.
// `npm run test:containers -- PATTERN…` runs the test files whose path matches.
import { rm } from 'node:fs/promises';
import { watchOutput } from '../../lib/operator/output.ts';
import { runChecks, testCounts } from '../check.ts';

// Nobody reads on, as when `head` has ended: what runs is ended, too.
watchOutput(() => process.exit(1));

const report = '.state/reports/containers.json';
// The numbers of an earlier run must not pass for this one's.
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
