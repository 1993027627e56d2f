import {
  readEnvironment,
  type WebSettings,
  webContradictions,
  webEnvironmentSchema,
} from '@packages/contracts';

/** The web service's settings. Times are in seconds. */
export type Configuration = WebSettings;

/**
 * Reads the settings from the environment.
 *
 * @throws ConfigurationError with one message for each wrong value, which names the key, the value and what is allowed
 */
export function readConfiguration(env: Readonly<Record<string, string | undefined>>): Configuration {
  return readEnvironment(webEnvironmentSchema, env, webContradictions);
}
