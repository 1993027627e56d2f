import * as z from 'zod/mini';
import { absolutePath, hostName, oneOf, seconds, text, whole, withDefault } from '../environment.ts';

/** The environment that the container of every service gets: where SQL Server is, and where its ticket is. */
export const serviceEnvironmentSchema = z.object({
  TASK_NAME: z.optional(text(/^[\w-]{1,64}$/, '1 to 64 letters, digits, "-" or "_"')),
  LOG_LEVEL: withDefault(oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal'), 'info'),

  SQL_SERVER: hostName('music-db.corp.example.com'),
  SQL_PORT: withDefault(whole(1, 65535), 1433),
  SQL_DATABASE: text(/^[\w$#@-]{1,128}$/, 'a database name of 1 to 128 letters, digits or any of _ $ # @ -'),
  SQL_TLS_NAME: hostName('music-db.abcdefghijkl.eu-central-1.rds.amazonaws.com'),
  /** The certificates of those who may vouch for that name: a file of them, or, in its place, they themselves. */
  SQL_TLS_CA_FILE: z.optional(absolutePath('/etc/ssl/certs/rds-global-bundle.pem')),
  SQL_TLS_CA: z.optional(text(/^-----BEGIN CERTIFICATE-----/, 'certificates in PEM format')),
  /** Absent: `MSSQLSvc/<SQL_SERVER>:<SQL_PORT>`. krb5.conf repeats a realm in it. */
  SQL_SPN: z.optional(
    text(/^MSSQLSvc\/[^\s/]+$/, 'a service principal name such as MSSQLSvc/sql01.corp.example.com:1433'),
  ),
  /** Whether all addresses of SQL_SERVER are tried at once. */
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
/** What a task definition may tell a service. */
export type ServiceEnvironment = z.input<typeof serviceEnvironmentSchema>;
