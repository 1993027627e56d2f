// `npm run lint`: types, lint and format, with the pinned compiler and linter.
import { exactTypes, lint, runChecks, types } from './check.ts';

const failed = await runChecks([types, exactTypes, lint]);
process.exitCode = failed.length === 0 ? 0 : 1;
