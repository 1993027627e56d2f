import {
  readEnvironment,
  sidecarEnvironmentSchema,
  sidecarFolders,
  type TicketMode,
  text,
  withDefault,
} from '@packages/contracts';
import * as z from 'zod/mini';
import { type Credentials, parseCredentials } from './credentials/credentials.ts';
import { parseKdcList } from './kerberos/kdc-list.ts';
import type { EncryptionTypes } from './kerberos/krb5-conf.ts';
import { parseServicePrincipal, type ServicePrincipal } from './kerberos/service-principal.ts';

export type { TicketMode };

/** Where the directory user's credentials come from. */
export type CredentialsSetting =
  | { readonly source: 'injected'; readonly credentials: Credentials }
  | { readonly source: 'fetched'; readonly secretArn: string; readonly checkSeconds: number };

/** The sidecar's whole configuration, validated. Times are in seconds. */
export interface Configuration {
  readonly domain: string;
  readonly realm: string;
  readonly kdcs: readonly string[];
  /** Domain controllers of the SQL Server's realm, if that is not the user's; empty: found by DNS. */
  readonly serverKdcs: readonly string[];
  readonly server: ServicePrincipal;
  readonly encryptionTypes: EncryptionTypes;
  readonly ticketMode: TicketMode;
  readonly credentials: CredentialsSetting;
  readonly sharedDirectory: string;
  readonly privateDirectory: string;
  /** Requested lifetime of a published service ticket; the directory may grant less. */
  readonly ticketLifetime: number;
  /** Requested lifetime of a TGT; the directory may grant less. */
  readonly tgtLifetime: number;
  readonly renewableLifetime: number;
  readonly renewAt: number;
  /** How often to request a fresh service ticket, in case the SQL Server's key has changed. */
  readonly ticketRefresh: number;
  readonly passwordAttempts: number;
  readonly passwordAttemptsWindow: number;
  /** The first sign-ins of sidecars that start together are spread over this time. */
  readonly signInSpread: number;
  /** How long to wait before retrying a refused password while no ticket is held. */
  readonly passwordRetry: number;
  readonly metricsInterval: number;
  readonly metricsNamespace: string;
  readonly serviceName: string;
  readonly logLevel: string;
}

/** A string that `parse` accepts. */
const read = (parse: (text: string) => unknown, allowed: string) =>
  z.string(allowed).check(z.refine((value) => parse(value) !== undefined, allowed));

const kdcList = () =>
  z.optional(
    read(parseKdcList, 'a list of host names or addresses with commas between, each with a port or without'),
  );

/** A path without a colon, because colons separate the files in KRB5_CONFIG. */
const directory = (otherwise: string) =>
  withDefault(text(/^\/[^\0:]*$/, `an absolute path without a colon, such as ${otherwise}`), otherwise);

const schema = z.extend(sidecarEnvironmentSchema, {
  SHARED_DIRECTORY: directory(sidecarFolders.shared),
  PRIVATE_DIRECTORY: directory(sidecarFolders.private),
  DIRECTORY_KDCS: kdcList(),
  SQL_REALM_KDCS: kdcList(),
  SQL_SPN: read(
    (value) => parseServicePrincipal(value, ''),
    'a service principal name such as MSSQLSvc/music-db.corp.example.com:1433',
  ),
});

/**
 * Reads the sidecar's configuration from environment variables; an empty variable counts as unset.
 * @throws ConfigurationError with one message for each wrong value; no message quotes a secret.
 */
export function readConfiguration(environment: NodeJS.ProcessEnv): Configuration {
  const values = readEnvironment(schema, environment, (_, { CREDENTIALS, CREDENTIALS_SECRET_ARN }) => {
    if (!CREDENTIALS !== !CREDENTIALS_SECRET_ARN) {
      return [];
    }
    return [
      CREDENTIALS
        ? 'CREDENTIALS and CREDENTIALS_SECRET_ARN are both set; set only one of them.'
        : 'Neither CREDENTIALS nor CREDENTIALS_SECRET_ARN is set; set one of them: the secret as JSON, or its ARN.',
    ];
  });
  return {
    domain: values.DIRECTORY_DOMAIN.toLowerCase(),
    realm: values.DIRECTORY_DOMAIN.toUpperCase(),
    kdcs: parseKdcList(values.DIRECTORY_KDCS ?? '') ?? [],
    server: parseServicePrincipal(values.SQL_SPN, values.DIRECTORY_DOMAIN.toUpperCase()) as ServicePrincipal,
    serverKdcs: parseKdcList(values.SQL_REALM_KDCS ?? '') ?? [],
    encryptionTypes: values.ENCRYPTION_TYPES,
    ticketMode: values.TICKET_MODE,
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
