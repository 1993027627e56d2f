import * as z from 'zod/mini';
import { absolutePath, hostName, oneOf, seconds, text, whole, withDefault } from '../environment.ts';

/** The environment of every service's container: the location of SQL Server and of its ticket. */
export const serviceEnvironmentSchema = z.object({
  TASK_NAME: z.optional(text(/^[\w-]{1,64}$/, '1 to 64 letters, digits, "-" or "_"')),
  LOG_LEVEL: withDefault(oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal'), 'info'),

  SQL_SERVER: hostName('music-db.corp.example.com'),
  SQL_PORT: withDefault(whole(1, 65535), 1433),
  SQL_DATABASE: text(/^[\w$#@-]{1,128}$/, 'a database name of 1 to 128 letters, digits or any of _ $ # @ -'),
  SQL_TLS_NAME: hostName('music-db.abcdefghijkl.eu-central-1.rds.amazonaws.com'),
  /** Trusted certificate authorities for that name: a file, or the certificates themselves. */
  SQL_TLS_CA_FILE: z.optional(absolutePath('/etc/ssl/certs/rds-global-bundle.pem')),
  SQL_TLS_CA: z.optional(text(/^-----BEGIN CERTIFICATE-----/, 'certificates in PEM format')),
  /** If absent: `MSSQLSvc/<SQL_SERVER>:<SQL_PORT>`. A realm in it is also in krb5.conf. */
  SQL_SPN: z.optional(
    text(/^MSSQLSvc\/[^\s/]+$/, 'a service principal name such as MSSQLSvc/sql01.corp.example.com:1433'),
  ),
  /** Whether to try all addresses of SQL_SERVER in parallel. */
  SQL_MULTI_SUBNET: withDefault(oneOf('true', 'false'), 'false'),

  KRB5_CONFIG: absolutePath('/var/scratch/krb5.conf'),
  KRB5CCNAME: text(/^(FILE:)?\/.+/, 'an absolute path, with or without "FILE:" before it'),
  TICKET_STATUS_FILE: absolutePath('/var/scratch/ticket.json'),

  CONNECT_TIMEOUT_SECONDS: withDefault(seconds(0.01, 300), 10),
  QUERY_TIMEOUT_SECONDS: withDefault(seconds(0.01, 300), 5),
  SHUTDOWN_SECONDS: withDefault(seconds(1, 118), 25),
});

/** A service's settings; every time is in seconds. */
export type ServiceSettings = Readonly<z.output<typeof serviceEnvironmentSchema>>;
/** The variables of a service in a task definition. */
export type ServiceEnvironment = z.input<typeof serviceEnvironmentSchema>;
