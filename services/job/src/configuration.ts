import { readEnvironment, serviceEnvironmentSchema, whole, withDefault } from '@packages/contracts';
import * as z from 'zod/mini';

const schema = z.extend(serviceEnvironmentSchema, {
  /** How many albums the report lists. */
  REPORT_ALBUMS: withDefault(whole(1, 1000), 10),
});

/** The job's settings. Times are in seconds. */
export type Configuration = Readonly<z.output<typeof schema>>;

/**
 * @throws ConfigurationError with one message for each wrong value, which names the key, the value and what is allowed
 */
export function readConfiguration(env: Readonly<Record<string, string | undefined>>): Configuration {
  return readEnvironment(schema, env);
}
