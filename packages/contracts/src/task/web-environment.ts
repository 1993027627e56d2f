import * as z from 'zod/mini';
import { absolutePath, hostName, oneOf, problem, seconds, text, whole, withDefault } from '../environment.ts';
import { webPort } from './containers.ts';

/** The environment of the web container. */
export const webEnvironmentSchema = z.object({
  HOST: withDefault(text(/^[0-9a-f:.]+$/i, 'an IP address such as 0.0.0.0'), '0.0.0.0'),
  PORT: withDefault(whole(0, 65535), webPort),
  TASK_NAME: z.optional(text(/^[\w-]{1,64}$/, '1 to 64 letters, digits, "-" or "_"')),
  /** Whether visitors may read the account's name; without it they are told only whether a name that they give is right. */
  SHOW_LOGIN: withDefault(oneOf('true', 'false'), 'false'),
  LOG_LEVEL: withDefault(oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal'), 'info'),

  SQL_SERVER: hostName('music-db.corp.example.com'),
  SQL_PORT: withDefault(whole(1, 65535), 1433),
  SQL_DATABASE: text(/^[\w$#@-]{1,128}$/, 'a database name of 1 to 128 letters, digits or any of _ $ # @ -'),
  SQL_TLS_NAME: hostName('music-db.abcdefghijkl.eu-central-1.rds.amazonaws.com'),
  SQL_TLS_CA_FILE: absolutePath('/etc/ssl/certs/rds-global-bundle.pem'),

  KRB5_CONFIG: absolutePath('/var/scratch/krb5.conf'),
  KRB5CCNAME: text(/^(FILE:)?\/.+/, 'an absolute path, with or without "FILE:" before it'),
  TICKET_STATUS_FILE: absolutePath('/var/scratch/ticket.json'),

  POOL_MIN: withDefault(whole(0, 1000), 2),
  POOL_MAX: withDefault(whole(1, 1000), 10),
  POOL_QUEUE_MAX: withDefault(whole(0, 100_000), 100),
  POOL_IDLE_SECONDS: withDefault(seconds(1, 86_400), 300),
  POOL_MAX_AGE_SECONDS: withDefault(seconds(1, 86_400), 3600),
  ACQUIRE_TIMEOUT_SECONDS: withDefault(seconds(0.01, 300), 5),
  CONNECT_TIMEOUT_SECONDS: withDefault(seconds(0.01, 300), 10),
  QUERY_TIMEOUT_SECONDS: withDefault(seconds(0.01, 300), 5),
  READINESS_TIMEOUT_SECONDS: withDefault(seconds(0.01, 60), 2),
  DRAIN_SECONDS: withDefault(seconds(0, 100), 5),
  SHUTDOWN_SECONDS: withDefault(seconds(1, 118), 25),
});

/** Web's settings; every time is in seconds. */
export type WebSettings = Readonly<z.output<typeof webEnvironmentSchema>>;
/** What a task definition may tell web. */
export type WebEnvironment = z.input<typeof webEnvironmentSchema>;

/** @returns a sentence for each setting of web that contradicts another */
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
