import type { Duration } from 'aws-cdk-lib';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import type { IConnectable } from 'aws-cdk-lib/aws-ec2';
import type { ContainerImage, LogDriver } from 'aws-cdk-lib/aws-ecs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';

/** The SQL Server that the task logs in to. */
export interface SqlServer {
  /** Its fully qualified name in the domain, such as `sql01.corp.example.com`, to which clients connect. */
  readonly host: string;
  /** @default 1433 */
  readonly port?: number;
  /**
   * The service principal name of its account. Ends with `@REALM` for a server in another, trusted domain.
   * @default MSSQLSvc/<host>:<port>
   */
  readonly spn?: string;
}

export interface KerberosSidecarProps {
  /** DNS name of the Active Directory domain of the user, such as `corp.example.com`. */
  readonly domain: string;
  /**
   * Secret with the user's name and password, as JSON: `{"username": "…", "password": "…"}`. Imported by its complete
   * ARN; with its `encryptionKey` if that is a KMS key of yours, so that the task may decrypt it.
   */
  readonly user: ISecret;
  readonly sqlServer: SqlServer;
  /**
   * @default an image that is built from the Dockerfile of this package when you deploy, which requires Docker.
   *   `ContainerImage.fromEcrRepository(repository, 'sha256:…')` uses an existing image.
   */
  readonly image?: ContainerImage;
  /** @default 'kerberos' */
  readonly containerName?: string;
  /** Names of the two volumes. @default `<containerName>-published` and `<containerName>-private` */
  readonly volumes?: { readonly published: string; readonly private: string };
  /** @default 192, which is plenty */
  readonly memoryLimitMiB?: number;
  /**
   * The metrics are extracted from the log, so `metrics` and `addAlarms` need a log in CloudWatch.
   * @default awslogs, into a separate log group that keeps logs for a month
   */
  readonly logging?: LogDriver;
  /**
   * `service-ticket`: the containers get a ticket for that SQL Server only. `tgt`: they also get the ticket-granting
   * ticket, with which they can act as that user everywhere in the domain.
   * @default 'service-ticket'
   */
  readonly ticketMode?: 'service-ticket' | 'tgt';
  /**
   * `injected`: ECS passes the secret to the sidecar alone, when a task starts. After a change of the password, start
   * new tasks. `fetched`: the sidecar reads the secret again when needed. For this, the task role, which all containers
   * of the task share, gets the right to read it.
   * @default 'injected'
   */
  readonly credentials?: 'injected' | 'fetched';
  /**
   * Tasks that start together sign in at random moments within this time, so that a wrong password that all of them try
   * does not lock the account.
   * @default 20 seconds
   */
  readonly signInSpread?: Duration;
  /** Value of the metrics' dimension `Service`. @default the family of the task definition */
  readonly serviceName?: string;
  /** Namespace of the metrics. @default 'TicketSidecar' */
  readonly metricsNamespace?: string;
  /** Further variables of the sidecar; see the README. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface ServeOptions {
  /** The path of the ticket folder in the container. @default '/var/scratch' */
  readonly mountPath?: string;
}

/**
 * The servers that a task connects to. Addresses are `Peer`s; for an object with security groups, rules are added on
 * its side as well.
 */
export interface Peers {
  /** Kerberos: port 88. Include those of trusted domains if SQL Server is in one. */
  readonly domainControllers: IConnectable | readonly IConnectable[];
  /**
   * DNS: port 53. Give an empty list for Amazon's own resolver, which needs no rule. @default the domain controllers
   */
  readonly nameServers?: IConnectable | readonly IConnectable[];
  /** The port of SQL Server. @default no rule for it */
  readonly sqlServer?: IConnectable | readonly IConnectable[];
}

export interface AlarmOptions {
  /** Actions for when an alarm goes off and when it is over. @default none */
  readonly actions?: readonly IAlarmAction[];
}
