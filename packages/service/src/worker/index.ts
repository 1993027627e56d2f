/**
 * What a worker needs in addition to every service: rounds, a health check, and failures logged in the words of the alarm.
 */
export { type WorkerEnvironment, workerEnvironmentSchema } from './settings.ts';
export { workInRounds } from './work-in-rounds.ts';
