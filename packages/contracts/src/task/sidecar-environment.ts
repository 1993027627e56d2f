import * as z from 'zod/mini';
import { absolutePath, fraction, oneOf, seconds, text, whole, withDefault } from '../environment.ts';
import { ticketMetrics } from '../signals/metrics.ts';
import { sidecarFolders } from './shared-folder.ts';

const host = '[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?';
const domainName = new RegExp(`^${host}(\\.${host})+$`);
const secretArn = /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:\S+$/;

/** What the published cache contains: only the service ticket for SQL Server, or the TGT as well. */
const ticketModes = ['service-ticket', 'tgt'] as const;
export type TicketMode = (typeof ticketModes)[number];

/** The window in seconds within which refused passwords are counted, like the default of directories. */
export const passwordAttemptsWindow = 1800;

/** The environment of the sidecar container. Times are in seconds. */
export const sidecarEnvironmentSchema = z.object({
  DIRECTORY_DOMAIN: text(domainName, 'the DNS name of the directory, such as corp.example.com'),
  /** If absent, the domain controllers are found by DNS. */
  DIRECTORY_KDCS: z.optional(z.string()),
  /** `MSSQLSvc/<host>:<port>`, followed by `@REALM` if SQL Server is in another realm than the user. */
  SQL_SPN: z.string(),
  /** If absent, the domain controllers of that other realm are found by DNS. */
  SQL_REALM_KDCS: z.optional(z.string()),
  ENCRYPTION_TYPES: withDefault(oneOf('aes', 'aes-and-rc4'), 'aes'),
  TICKET_MODE: withDefault(oneOf(...ticketModes), 'service-ticket'),
  /** The secret's JSON, injected by ECS; alternatively, the ARN of the secret. */
  CREDENTIALS: z.optional(z.string()),
  CREDENTIALS_SECRET_ARN: z.optional(text(secretArn, 'the ARN of a secret in AWS Secrets Manager')),
  SECRET_CHECK_SECONDS: withDefault(seconds(1, 86_400), 300),
  SHARED_DIRECTORY: withDefault(absolutePath(sidecarFolders.shared), sidecarFolders.shared),
  PRIVATE_DIRECTORY: withDefault(absolutePath(sidecarFolders.private), sidecarFolders.private),
  TICKET_LIFETIME: withDefault(seconds(5, 86_400), 36_000),
  // Active Directory does not accept a TGT in the last two minutes of its life.
  TGT_LIFETIME: withDefault(seconds(125, 86_400), 36_000),
  RENEWABLE_LIFETIME: withDefault(seconds(0, 2_592_000), 604_800),
  /** How often to ask the directory whether SQL Server's key has changed. */
  TICKET_REFRESH_SECONDS: withDefault(seconds(1, 3_600), 20),
  /** The fraction of a ticket's life after which it is renewed. */
  RENEW_AT: withDefault(fraction(0.05, 0.9), 0.5),
  PASSWORD_ATTEMPTS: withDefault(whole(1, 10), 3),
  PASSWORD_ATTEMPTS_WINDOW: withDefault(seconds(1, 86_400), passwordAttemptsWindow),
  /** Sidecars that start together sign in at random moments within this time. */
  SIGN_IN_SPREAD_SECONDS: withDefault(seconds(0, 300), 20),
  /** How long a sidecar without a ticket waits before it retries a refused password. */
  PASSWORD_RETRY_SECONDS: withDefault(seconds(1, 3_600), 60),
  METRICS_INTERVAL: withDefault(seconds(1, 3_600), 60),
  METRICS_NAMESPACE: withDefault(
    text(/^[A-Za-z0-9./_#:-]{1,255}$/, 'a CloudWatch namespace'),
    ticketMetrics.namespace,
  ),
  SERVICE_NAME: withDefault(text(/^[\x21-\x7e]{1,255}$/, 'a name without spaces'), 'sidecar'),
  LOG_LEVEL: withDefault(oneOf('info', 'debug', 'warn', 'error'), 'info'),
});

/** The variables of the sidecar in a task definition. */
export type SidecarEnvironment = z.input<typeof sidecarEnvironmentSchema>;
