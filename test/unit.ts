// `npm run test:unit`: the tests that need only the clone, on any machine. `npm run test:unit -- PATTERN…` runs those
// whose path matches; `--watch` reruns them when files change.

import { watchOutput } from '../lib/operator/output.ts';
import { type Check, runChecks } from './check.ts';
import { withSuites } from './suites.ts';

// If the reader of our output goes away (`| head`), stop the running tests.
watchOutput(() => process.exit(1));

const words = process.argv.slice(2);
const watch = words.includes('--watch');
const patterns = words.filter((word) => word !== '--watch').flatMap((pattern) => withSuites(pattern));

const tests: Check = {
  title: 'Unit tests',
  command: 'vitest',
  args: [watch ? 'watch' : 'run', '--project=unit', ...patterns],
  timeLimit: watch ? 24 * 3600 : 3600,
};

const failed = await runChecks([tests]);
process.exitCode = failed.length === 0 ? 0 : 1;
