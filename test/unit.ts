// `npm run test:unit`: the tests that need nothing but the clone, on any machine. `npm run test:unit -- PATTERN…` runs
// those whose path matches, and `--watch` keeps running them as files change.

import { watchOutput } from '../lib/operator/output.ts';
import { type Check, runChecks } from './check.ts';
import { withSuites } from './suites.ts';

// Nobody reads on, as when `head` has ended: what runs is ended, too.
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
