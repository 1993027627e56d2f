import { isAbsolute } from 'node:path';
import { z } from 'zod';

/** What an environment variable must be told apart by: its own sentence, never a stack trace. */
export class ConfigurationError extends Error {
  /** One sentence per wrong value. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigurationError';
    this.problems = problems;
  }
}

/** A DNS host name (RFC 1123), at most 253 characters. */
const hostName = (example: string) =>
  text(
    /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i,
    `a host name such as ${example}`,
  );

const absolutePath = (example: string) =>
  z.string(`an absolute path such as ${example}`).refine(isAbsolute, `an absolute path such as ${example}`);

function text(pattern: RegExp, allowed: string) {
  return z.string(allowed).regex(pattern, allowed);
}

function number(kind: 'whole number' | 'number', unit: string, least: number, most: number) {
  const allowed = `a ${kind} ${unit}from ${least} to ${most}`;
  const pattern = kind === 'whole number' ? /^\d+$/ : /^\d+(\.\d+)?$/;
  return text(pattern, allowed)
    .transform(Number)
    .refine((value) => value >= least && value <= most, allowed);
}

const whole = (least: number, most: number) => number('whole number', '', least, most);
const seconds = (least: number, most: number) => number('number', 'of seconds ', least, most);

const environment = z.object({
  HOST: text(/^[0-9a-f:.]+$/i, 'an IP address such as 0.0.0.0').default('0.0.0.0'),
  PORT: whole(0, 65535).default(8080),
  TASK_NAME: text(/^[\w-]{1,64}$/, '1 to 64 letters, digits, "-" or "_"').optional(),
  LOG_LEVEL: z
    .enum(
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal'],
      'one of trace, debug, info, warn, error, fatal',
    )
    .default('info'),

  SQL_SERVER: hostName('music-db.corp.example.com'),
  SQL_PORT: whole(1, 65535).default(1433),
  SQL_DATABASE: text(/^[\w$#@-]{1,128}$/, 'a database name of 1 to 128 letters, digits or any of _ $ # @ -'),
  SQL_TLS_NAME: hostName('music-db.abcdefghijkl.eu-central-1.rds.amazonaws.com'),
  SQL_TLS_CA_FILE: absolutePath('/etc/ssl/certs/rds-global-bundle.pem'),

  KRB5_CONFIG: absolutePath('/var/scratch/krb5.conf'),
  KRB5CCNAME: text(/^(FILE:)?\/.+/, 'an absolute path, with or without "FILE:" before it'),
  TICKET_STATUS_FILE: absolutePath('/var/scratch/ticket.json'),

  POOL_MIN: whole(0, 1000).default(2),
  POOL_MAX: whole(1, 1000).default(10),
  POOL_QUEUE_MAX: whole(0, 100_000).default(100),
  POOL_IDLE_SECONDS: seconds(1, 86_400).default(300),
  POOL_MAX_AGE_SECONDS: seconds(1, 86_400).default(3600),
  ACQUIRE_TIMEOUT_SECONDS: seconds(0.01, 300).default(5),
  CONNECT_TIMEOUT_SECONDS: seconds(0.01, 300).default(10),
  QUERY_TIMEOUT_SECONDS: seconds(0.01, 300).default(5),
  READINESS_TIMEOUT_SECONDS: seconds(0.01, 60).default(2),
  DRAIN_SECONDS: seconds(0, 100).default(5),
  SHUTDOWN_SECONDS: seconds(1, 118).default(25),
});

/** The web service's settings; every time is in seconds. */
export type Configuration = Readonly<z.output<typeof environment>>;

/**
 * Reads the settings from the environment.
 *
 * @throws ConfigurationError with one sentence per wrong value, each naming the key, the value and what is allowed
 */
export function readConfiguration(env: Readonly<Record<string, string | undefined>>): Configuration {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    const byKey = new Map(parsed.error.issues.map((issue) => [String(issue.path[0]), issue.message]));
    throw new ConfigurationError([...byKey].map(([key, allowed]) => sentence(key, env[key], allowed)));
  }
  const { POOL_MIN, POOL_MAX, DRAIN_SECONDS, SHUTDOWN_SECONDS } = parsed.data;
  const problems: string[] = [];
  if (POOL_MIN > POOL_MAX) {
    problems.push(sentence('POOL_MIN', String(POOL_MIN), `at most POOL_MAX, which is ${POOL_MAX}`));
  }
  if (DRAIN_SECONDS >= SHUTDOWN_SECONDS) {
    problems.push(
      sentence(
        'DRAIN_SECONDS',
        String(DRAIN_SECONDS),
        `less than SHUTDOWN_SECONDS, which is ${SHUTDOWN_SECONDS}`,
      ),
    );
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  return parsed.data;
}

function sentence(key: string, value: string | undefined, allowed: string): string {
  const found = value === undefined ? 'is not set' : `is ${JSON.stringify(value.slice(0, 100))}`;
  return `${key} ${found}, but it must be ${allowed}.`;
}
