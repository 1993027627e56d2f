// `npm run lint`: types, lint and format, with the pinned compiler and linter.
import { lint, runChecks, types } from './check.ts';

const failed = await runChecks([types, lint]);
process.exitCode = failed.length === 0 ? 0 : 1;
