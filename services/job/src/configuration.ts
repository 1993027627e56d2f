import { readEnvironment, serviceEnvironmentSchema, whole, withDefault } from '@packages/contracts';
import * as z from 'zod/mini';

const schema = z.extend(serviceEnvironmentSchema, {
  /** How many albums the report lists. */
  REPORT_ALBUMS: withDefault(whole(1, 1000), 10),
});

/** The job's settings; every time is in seconds. */
export type Configuration = Readonly<z.output<typeof schema>>;

/** @throws ConfigurationError with one sentence per wrong value, each naming the key, the value and what is allowed */
export function readConfiguration(env: Readonly<Record<string, string | undefined>>): Configuration {
  return readEnvironment(schema, env);
}
