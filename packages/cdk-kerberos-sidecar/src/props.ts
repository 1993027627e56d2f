import type { Duration } from 'aws-cdk-lib';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import type { IConnectable } from 'aws-cdk-lib/aws-ec2';
import type { ContainerImage, LogDriver } from 'aws-cdk-lib/aws-ecs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';

/** The SQL Server that the task logs in to. */
export interface SqlServer {
  /** Its name in the domain, with dots, such as `sql01.corp.example.com`: what clients connect to. */
  readonly host: string;
  /** @default 1433 */
  readonly port?: number;
  /**
   * The service principal name of its account. With `@REALM` at the end for a server in another, trusted domain.
   * @default MSSQLSvc/<host>:<port>
   */
  readonly spn?: string;
}

export interface KerberosSidecarProps {
  /** DNS name of the Active Directory domain of the user, such as `corp.example.com`. */
  readonly domain: string;
  /**
   * Secret with the user's name and password, as JSON: `{"username": "…", "password": "…"}`. By its complete ARN; with
   * its `encryptionKey` if that is a KMS key of yours, so that the task may decrypt it.
   */
  readonly user: ISecret;
  readonly sqlServer: SqlServer;
  /**
   * @default an image that is built from the Dockerfile of this package when you deploy, for which you need Docker.
   * `ContainerImage.fromEcrRepository(repository, 'sha256:…')` takes one that is built already.
   */
  readonly image?: ContainerImage;
  /** @default 'kerberos' */
  readonly containerName?: string;
  /** Names of the two volumes. @default `<containerName>-published` and `<containerName>-private` */
  readonly volumes?: { readonly published: string; readonly private: string };
  /** @default 192, which is plenty */
  readonly memoryLimitMiB?: number;
  /**
   * The metrics come out of the log, so it must go to CloudWatch for `metrics` and `addAlarms`.
   * @default awslogs, into a log group of its own that is kept for a month
   */
  readonly logging?: LogDriver;
  /**
   * `service-ticket`: the containers get a ticket for that SQL Server and can do nothing else with it.
   * `tgt`: they also get the ticket-granting ticket, with which they can be that user everywhere in the domain.
   * @default 'service-ticket'
   */
  readonly ticketMode?: 'service-ticket' | 'tgt';
  /**
   * `injected`: ECS hands the secret to the sidecar alone, when a task starts: after a change of the password, start new
   * tasks. `fetched`: the sidecar reads the secret again by itself, for which the role that all containers of the task
   * share is given the right to read it.
   * @default 'injected'
   */
  readonly credentials?: 'injected' | 'fetched';
  /**
   * Tasks that start together sign in at random moments within this time, so that a wrong password, tried by all of them,
   * does not lock the account.
   * @default 20 seconds
   */
  readonly signInSpread?: Duration;
  /** Value of the metrics' dimension `Service`. @default the family of the task definition */
  readonly serviceName?: string;
  /** Namespace of the metrics. @default 'TicketSidecar' */
  readonly metricsNamespace?: string;
  /** Further variables of the sidecar: see the README. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface ServeOptions {
  /** Where the container finds the ticket. @default '/var/scratch' */
  readonly mountPath?: string;
}

/** What a task talks to. Addresses are `Peer`s; whatever has security groups is let in on its own side, too. */
export interface Peers {
  /** Kerberos: port 88. Those of trusted domains, too, if SQL Server is in one. */
  readonly domainControllers: IConnectable | readonly IConnectable[];
  /** DNS: port 53. Amazon's own resolver needs no rule: an empty list. @default the domain controllers */
  readonly nameServers?: IConnectable | readonly IConnectable[];
  /** The port of SQL Server. @default no rule for it */
  readonly sqlServer?: IConnectable | readonly IConnectable[];
}

export interface AlarmOptions {
  /** What happens when one goes off, and when it is over. @default nothing */
  readonly actions?: readonly IAlarmAction[];
}
