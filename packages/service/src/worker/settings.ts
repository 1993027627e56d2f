import { seconds, serviceEnvironmentSchema, whole, withDefault } from '@packages/contracts';
import * as z from 'zod/mini';
import { healthPort } from '../health-command.ts';

/**
 * The environment of a worker: that of every service, and the pace of its rounds. A worker extends it by what is its own.
 */
export const workerEnvironmentSchema = z.extend(serviceEnvironmentSchema, {
  /** How long to rest between two rounds. */
  ROUND_SECONDS: withDefault(seconds(0.1, 3600), 30),
  /** Where the health command asks, on the loopback interface. */
  HEALTH_PORT: withDefault(whole(0, 65535), healthPort),
});

/** What a task definition may tell a worker. */
export type WorkerEnvironment = z.input<typeof workerEnvironmentSchema>;
/** A worker's settings; every time is in seconds. */
export type WorkerSettings = Readonly<z.output<typeof workerEnvironmentSchema>>;
