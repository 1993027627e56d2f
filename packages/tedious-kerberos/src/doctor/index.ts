/** The doctor's checks, for building doctors that check more than the login. Output is in `doctor/report`. */
export type { Attempt } from './attempt-login.ts';
export { type Check, failed, passed, skipped, warning } from './check.ts';
export { clockAhead, clockDifference } from './clock.ts';
export { examineServer, type ServerExamination } from './examine-server.ts';
export { examineName } from './server-checks.ts';
export type { Team } from './teams.ts';
