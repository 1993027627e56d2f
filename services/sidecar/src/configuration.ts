import * as z from 'zod/mini';
import { ConfigurationError } from './configuration-error.ts';
import { type Credentials, parseCredentials } from './credentials/credentials.ts';
import { parseKdcList } from './kerberos/kdc-list.ts';
import type { EncryptionTypes } from './kerberos/krb5-conf.ts';
import { parseServicePrincipal, type ServicePrincipal } from './kerberos/service-principal.ts';

/** How much the published cache holds: the SQL Server's service ticket alone, or the TGT as well. */
export type TicketMode = 'service-ticket' | 'tgt';

/** Where the directory user's credentials come from. */
export type CredentialsSetting =
  | { readonly source: 'injected'; readonly credentials: Credentials }
  | { readonly source: 'fetched'; readonly secretArn: string; readonly checkSeconds: number };

/** Everything the sidecar can be told, checked. Times are in seconds. */
export interface Configuration {
  readonly domain: string;
  readonly realm: string;
  readonly kdcs: readonly string[];
  /** Those of the SQL Server's realm, when it is another one; none: found by DNS. */
  readonly serverKdcs: readonly string[];
  readonly server: ServicePrincipal;
  readonly encryptionTypes: EncryptionTypes;
  readonly ticketMode: TicketMode;
  readonly credentials: CredentialsSetting;
  readonly sharedDirectory: string;
  readonly privateDirectory: string;
  /** How long a published service ticket is to live; the directory may give less. */
  readonly ticketLifetime: number;
  /** How long a TGT is to live; the directory may give less. */
  readonly tgtLifetime: number;
  readonly renewableLifetime: number;
  readonly renewAt: number;
  /** How often another service ticket is asked for, because the SQL Server may have another key. */
  readonly ticketRefresh: number;
  readonly passwordAttempts: number;
  readonly passwordAttemptsWindow: number;
  /** The first sign-ins of sidecars that start together are spread over this time. */
  readonly signInSpread: number;
  /** How long a refused password rests before it is tried again while no ticket is held. */
  readonly passwordRetry: number;
  readonly metricsInterval: number;
  readonly metricsNamespace: string;
  readonly serviceName: string;
  readonly logLevel: string;
}

const host = '[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?';
const domainName = new RegExp(`^${host}(\\.${host})+$`);
const secretArn = /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:\S+$/;

const text = (pattern: RegExp, allowed: string) => z.string(allowed).check(z.regex(pattern, allowed));

/** A text that `read` makes something of. */
const read = (parse: (text: string) => unknown, allowed: string) =>
  z.string(allowed).check(z.refine((value) => parse(value) !== undefined, allowed));

const kdcList = () =>
  z.optional(
    read(parseKdcList, 'a list of host names or addresses with commas between, each with a port or without'),
  );

const oneOf = (...values: string[]) =>
  z._default(text(new RegExp(`^(${values.join('|')})$`), `one of ${values.join(', ')}`), values[0] as string);

const directory = (otherwise: string) =>
  z._default(text(/^\/[^\0]*$/, 'an absolute path such as /var/scratch'), otherwise);

function number(low: number, high: number, unit: string, otherwise: number) {
  const allowed = `a number${unit && ` of ${unit}`} from ${low} to ${high}`;
  return z.pipe(
    z._default(text(/^\d+(\.\d+)?$/, allowed), String(otherwise)),
    z.pipe(z.transform(Number), z.number().check(z.gte(low, allowed), z.lte(high, allowed))),
  );
}

const schema = z.object({
  DIRECTORY_DOMAIN: text(domainName, 'the DNS name of the directory, such as corp.example.com'),
  DIRECTORY_KDCS: kdcList(),
  SQL_SPN: read(
    (value) => parseServicePrincipal(value, ''),
    'a service principal name such as MSSQLSvc/music-db.corp.example.com:1433',
  ),
  // For a SQL Server in another realm than the user's, MSSQLSvc/…@REALM.
  SQL_REALM_KDCS: kdcList(),
  ENCRYPTION_TYPES: oneOf('aes', 'aes-and-rc4'),
  TICKET_MODE: oneOf('service-ticket', 'tgt'),
  CREDENTIALS: z.optional(z.string()),
  CREDENTIALS_SECRET_ARN: z.optional(text(secretArn, 'the ARN of a secret in AWS Secrets Manager')),
  SECRET_CHECK_SECONDS: number(1, 86_400, 'seconds', 300),
  SHARED_DIRECTORY: directory('/var/scratch'),
  PRIVATE_DIRECTORY: directory('/run/ticket-sidecar'),
  TICKET_LIFETIME: number(5, 86_400, 'seconds', 36_000),
  // Active Directory takes no TGT in the last two minutes of its life.
  TGT_LIFETIME: number(125, 86_400, 'seconds', 36_000),
  RENEWABLE_LIFETIME: number(0, 2_592_000, 'seconds', 604_800),
  TICKET_REFRESH_SECONDS: number(1, 3_600, 'seconds', 20),
  RENEW_AT: number(0.05, 0.9, '', 0.5),
  PASSWORD_ATTEMPTS: number(1, 10, 'refused attempts', 3),
  PASSWORD_ATTEMPTS_WINDOW: number(1, 86_400, 'seconds', 1_800),
  SIGN_IN_SPREAD_SECONDS: number(0, 300, 'seconds', 20),
  PASSWORD_RETRY_SECONDS: number(1, 3_600, 'seconds', 60),
  METRICS_INTERVAL: number(1, 3_600, 'seconds', 60),
  METRICS_NAMESPACE: z._default(
    text(/^[A-Za-z0-9./_#:-]{1,255}$/, 'a CloudWatch namespace'),
    'TicketSidecar',
  ),
  SERVICE_NAME: z._default(text(/^[\x21-\x7e]{1,255}$/, 'a name without spaces'), 'sidecar'),
  LOG_LEVEL: oneOf('info', 'debug', 'warn', 'error'),
});

/**
 * Reads the sidecar's configuration from environment variables; an empty one counts as absent.
 * @throws {ConfigurationError} with one sentence for each wrong value; secret values are never quoted.
 */
export function readConfiguration(environment: NodeJS.ProcessEnv): Configuration {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const checked = schema.safeParse(given);
  const problems = checked.success ? [] : checked.error.issues.map((issue) => sentence(issue, given));
  if (!given.CREDENTIALS === !given.CREDENTIALS_SECRET_ARN) {
    problems.push(
      given.CREDENTIALS
        ? 'CREDENTIALS and CREDENTIALS_SECRET_ARN are both set; set only one of them.'
        : 'Neither CREDENTIALS nor CREDENTIALS_SECRET_ARN is set; set one of them: the secret as JSON, or its ARN.',
    );
  }
  if (!checked.success || problems.length > 0) {
    throw new ConfigurationError(problems);
  }
  const values = checked.data;
  return {
    domain: values.DIRECTORY_DOMAIN.toLowerCase(),
    realm: values.DIRECTORY_DOMAIN.toUpperCase(),
    kdcs: parseKdcList(values.DIRECTORY_KDCS ?? '') ?? [],
    server: parseServicePrincipal(values.SQL_SPN, values.DIRECTORY_DOMAIN.toUpperCase()) as ServicePrincipal,
    serverKdcs: parseKdcList(values.SQL_REALM_KDCS ?? '') ?? [],
    encryptionTypes: values.ENCRYPTION_TYPES as EncryptionTypes,
    ticketMode: values.TICKET_MODE as TicketMode,
    credentials: values.CREDENTIALS_SECRET_ARN
      ? {
          source: 'fetched',
          secretArn: values.CREDENTIALS_SECRET_ARN,
          checkSeconds: values.SECRET_CHECK_SECONDS,
        }
      : {
          source: 'injected',
          credentials: parseCredentials(values.CREDENTIALS ?? '', values.DIRECTORY_DOMAIN),
        },
    sharedDirectory: values.SHARED_DIRECTORY,
    privateDirectory: values.PRIVATE_DIRECTORY,
    ticketLifetime: values.TICKET_LIFETIME,
    tgtLifetime: values.TGT_LIFETIME,
    renewableLifetime: values.RENEWABLE_LIFETIME,
    renewAt: values.RENEW_AT,
    ticketRefresh: values.TICKET_REFRESH_SECONDS,
    passwordAttempts: values.PASSWORD_ATTEMPTS,
    passwordAttemptsWindow: values.PASSWORD_ATTEMPTS_WINDOW,
    signInSpread: values.SIGN_IN_SPREAD_SECONDS,
    passwordRetry: values.PASSWORD_RETRY_SECONDS,
    metricsInterval: values.METRICS_INTERVAL,
    metricsNamespace: values.METRICS_NAMESPACE,
    serviceName: values.SERVICE_NAME,
    logLevel: values.LOG_LEVEL,
  };
}

function sentence(issue: z.core.$ZodIssue, given: Record<string, string | undefined>): string {
  const key = String(issue.path[0]);
  const value = given[key];
  if (value === undefined) {
    return `${key} is not set; it must be ${issue.message}.`;
  }
  // The secret itself may have been put into the wrong variable.
  const shown =
    key === 'CREDENTIALS_SECRET_ARN' || /[{"]/.test(value) ? 'not shown here' : JSON.stringify(value);
  return `${key} is ${shown}; it must be ${issue.message}.`;
}
