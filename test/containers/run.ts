// `npm run test:containers`: makes containers possible here, builds the images as the pipeline does, tests them.
// `npm run test:containers -- PATTERN…` runs the test files whose path matches.
import { readFile } from 'node:fs/promises';
import { runChecks } from '../check.ts';
import { builtImages } from './built-images.ts';

const report = '.state/reports/containers.json';
const started = performance.now();
const say = (line: string) =>
  console.log(`${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s  ${line}`);

try {
  await builtImages(say);
} catch (error) {
  console.error((error as Error).message);
  console.log('0 passed, 1 failed');
  process.exit(1);
}
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
    timeLimit: 540,
  },
]);
const { numPassedTests, numFailedTests } = JSON.parse(await readFile(report, 'utf8'));
console.log(`\n${numPassedTests} passed, ${Math.max(numFailedTests, failed.length)} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;
