import { readEnvironment, seconds, serviceEnvironmentSchema, whole, withDefault } from '@packages/contracts';
import * as z from 'zod/mini';
import { healthPort } from './health-server.ts';

const schema = z.extend(serviceEnvironmentSchema, {
  /** How long to rest between two rounds. */
  ROUND_SECONDS: withDefault(seconds(0.1, 3600), 30),
  /** Where the health command asks, on the loopback interface. */
  HEALTH_PORT: withDefault(whole(0, 65535), healthPort),
});

/** The worker's settings; every time is in seconds. */
export type Configuration = Readonly<z.output<typeof schema>>;

/** @throws ConfigurationError with one sentence per wrong value, each naming the key, the value and what is allowed */
export function readConfiguration(env: Readonly<Record<string, string | undefined>>): Configuration {
  return readEnvironment(schema, env);
}
