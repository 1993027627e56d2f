// `npm run lint`: types, lint and format, with the pinned compiler and linter.

import { watchOutput } from '../lib/operator/output.ts';
import { lint, runChecks, types } from './check.ts';

// If the reader of our output goes away (`| head`), stop the running checks.
watchOutput(() => process.exit(1));

const failed = await runChecks([types, lint]);
process.exitCode = failed.length === 0 ? 0 : 1;
