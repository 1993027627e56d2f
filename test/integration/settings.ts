import { z } from 'zod';

const wholeSeconds = 'a whole number of seconds from 1 to 3600';

const environment = z.object({
  SERVICE_URL: z.url({
    protocol: /^https?$/,
    error: 'the load balancer\'s address, such as "http://127.0.0.1:8080"',
  }),
  EXPECTED_LOGIN: z.string('a login such as "CORP\\db-user"').min(1, 'a login such as "CORP\\db-user"'),
  EXPECTED_SCHEME: z.enum(['KERBEROS', 'NTLM', 'SQL'], 'one of KERBEROS, NTLM, SQL').default('KERBEROS'),
  EXPECTED_TASKS: z
    .string()
    .regex(/^([1-9]\d?|100)$/, 'a whole number from 1 to 100')
    .transform(Number)
    .default(1),
  READY_SECONDS: z
    .string()
    .regex(/^\d{1,4}$/, wholeSeconds)
    .transform(Number)
    .refine((seconds) => seconds >= 1 && seconds <= 3600, wholeSeconds)
    .default(120),
  REPORT_FILE: z.string().min(1, 'the path of a file').default('.state/reports/integration.xml'),
});

/** What the test is to find, and where. */
export interface Settings {
  readonly serviceUrl: string;
  readonly login: string;
  readonly scheme: string;
  /** How many tasks the load balancer must be seen to use, at least. */
  readonly tasks: number;
  /** How long the service may take to be ready. */
  readonly readySeconds: number;
  /** Where the JUnit report goes. */
  readonly reportFile: string;
}

/**
 * Reads the test's settings from the environment.
 *
 * @throws Error with one sentence per wrong value
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const { success, data, error } = environment.safeParse(env);
  if (!success) {
    const byKey = new Map(error.issues.map((issue) => [String(issue.path[0]), issue.message]));
    throw new Error([...byKey].map(([key, allowed]) => sentence(key, env[key], allowed)).join('\n'));
  }
  return {
    serviceUrl: data.SERVICE_URL.replace(/\/+$/, ''),
    login: data.EXPECTED_LOGIN,
    scheme: data.EXPECTED_SCHEME,
    tasks: data.EXPECTED_TASKS,
    readySeconds: data.READY_SECONDS,
    reportFile: data.REPORT_FILE,
  };
}

function sentence(key: string, value: string | undefined, allowed: string): string {
  const found = value === undefined ? 'is not set' : `is ${JSON.stringify(value)}`;
  return `${key} ${found}, but it must be ${allowed}.`;
}
