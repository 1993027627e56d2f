// `npm run test:containers`: makes containers possible here, builds the images as the pipeline does, tests them.
// `npm run test:containers -- PATTERN…` runs the test files whose path matches.
import { readFile } from 'node:fs/promises';
import { runChecks } from '../check.ts';

const report = '.state/reports/containers.json';
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
    timeLimit: 900,
  },
]);
const { numPassedTests, numFailedTests } = JSON.parse(await readFile(report, 'utf8'));
console.log(`\n${numPassedTests} passed, ${Math.max(numFailedTests, failed.length)} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;
