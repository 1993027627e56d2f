import * as z from 'zod/mini';
import { oneOf, problem, seconds, text, whole, withDefault } from '../environment.ts';
import { webPort } from './containers.ts';
import { serviceEnvironmentSchema } from './service-environment.ts';

/** The environment of the web container. */
export const webEnvironmentSchema = z.extend(serviceEnvironmentSchema, {
  HOST: withDefault(text(/^[0-9a-f:.]+$/i, 'an IP address such as 0.0.0.0'), '0.0.0.0'),
  PORT: withDefault(whole(0, 65535), webPort),
  /**
   * Whether visitors may see the account's name. If not, they are only told whether a name that they enter is right.
   */
  SHOW_LOGIN: withDefault(oneOf('true', 'false'), 'false'),

  POOL_MIN: withDefault(whole(0, 1000), 2),
  POOL_MAX: withDefault(whole(1, 1000), 10),
  POOL_QUEUE_MAX: withDefault(whole(0, 100_000), 100),
  POOL_IDLE_SECONDS: withDefault(seconds(1, 86_400), 300),
  POOL_MAX_AGE_SECONDS: withDefault(seconds(1, 86_400), 3600),
  ACQUIRE_TIMEOUT_SECONDS: withDefault(seconds(0.01, 300), 5),
  READINESS_TIMEOUT_SECONDS: withDefault(seconds(0.01, 60), 2),
  DRAIN_SECONDS: withDefault(seconds(0, 100), 5),
});

/** Web's settings; every time is in seconds. */
export type WebSettings = Readonly<z.output<typeof webEnvironmentSchema>>;
/** The variables of web in a task definition. */
export type WebEnvironment = z.input<typeof webEnvironmentSchema>;

/** @returns a sentence for each contradiction between settings of web */
export function webContradictions(settings: WebSettings | undefined): readonly string[] {
  if (!settings) return [];
  const { POOL_MIN, POOL_MAX, DRAIN_SECONDS, SHUTDOWN_SECONDS } = settings;
  const problems: string[] = [];
  if (POOL_MIN > POOL_MAX) {
    problems.push(problem('POOL_MIN', String(POOL_MIN), `at most POOL_MAX, which is ${POOL_MAX}`));
  }
  if (DRAIN_SECONDS >= SHUTDOWN_SECONDS) {
    const allowed = `less than SHUTDOWN_SECONDS, which is ${SHUTDOWN_SECONDS}`;
    problems.push(problem('DRAIN_SECONDS', String(DRAIN_SECONDS), allowed));
  }
  return problems;
}
