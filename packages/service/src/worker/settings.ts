import { seconds, serviceEnvironmentSchema, whole, withDefault } from '@packages/contracts';
import * as z from 'zod/mini';
import { healthPort } from '../health-command.ts';

/**
 * The environment of a worker: the variables of every service, plus those of its rounds. Workers add variables of their own.
 */
export const workerEnvironmentSchema = z.extend(serviceEnvironmentSchema, {
  /** Pause between two rounds. */
  ROUND_SECONDS: withDefault(seconds(0.1, 3600), 30),
  /** Port for the health command, on the loopback interface. */
  HEALTH_PORT: withDefault(whole(0, 65535), healthPort),
});

/** The variables that a task definition may set for a worker. */
export type WorkerEnvironment = z.input<typeof workerEnvironmentSchema>;
/** A worker's settings. All times are in seconds. */
export type WorkerSettings = Readonly<z.output<typeof workerEnvironmentSchema>>;
