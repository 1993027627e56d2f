/**
 * What a worker stands on besides what every service does: its rounds, their health, their failures in the alarm's words.
 */
export { type WorkerEnvironment, workerEnvironmentSchema } from './settings.ts';
export { workInRounds } from './work-in-rounds.ts';
