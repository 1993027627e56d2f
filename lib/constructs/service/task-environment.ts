import {
  rdsAuthoritiesFile,
  type ServiceEnvironment,
  type WebEnvironment,
  webPort,
} from '@packages/contracts';
import { Duration } from 'aws-cdk-lib';
import { authoritiesOf, type Environment } from '../../config/index.ts';
import type { EnvironmentContext } from '../common/stage-contract.ts';
import type { SqlServerAddress } from '../database/sql-server-address.ts';
import { shutdownTimes } from './shutdown-times.ts';

/**
 * The time over which starting tasks spread their sign-ins. By default, directories lock an account after five refused
 * passwords, and each task that starts during a rotation may cause one. Up to four tasks cannot lock it and need no
 * spread; more tasks sign in at about one per second. See decision 031.
 */
export function signInSpread(maximumTasks: number): Duration {
  return Duration.seconds(maximumTasks < 5 ? 0 : Math.min(30, maximumTasks));
}

type Ticket = 'KRB5_CONFIG' | 'KRB5CCNAME' | 'TICKET_STATUS_FILE';

/**
 * The variables of every service's container, which say where SQL Server is. The sidecar's construct adds those that say
 * where the ticket is. None of them is secret.
 */
export function serviceEnvironment({ environment }: EnvironmentContext, sqlServer: SqlServerAddress) {
  const { database } = environment;
  return {
    SQL_SERVER: sqlServer.host,
    SQL_PORT: sqlServer.port,
    SQL_DATABASE: database.name,
    SQL_TLS_NAME: sqlServer.tlsName,
    ...authorities(environment),
    ...(database.type === 'existing' && {
      SQL_SPN: sqlServer.spn,
      ...(database.multiSubnetFailover && { SQL_MULTI_SUBNET: 'true' as const }),
    }),
    SHUTDOWN_SECONDS: String(shutdownTimes.webLimit),
  } satisfies Omit<ServiceEnvironment, Ticket>;
}

/** The variables of web's container. */
export function webEnvironment(context: EnvironmentContext, sqlServer: SqlServerAddress) {
  const { SHUTDOWN_SECONDS, ...common } = serviceEnvironment(context, sqlServer);
  return {
    PORT: String(webPort),
    ...common,
    DRAIN_SECONDS: String(shutdownTimes.webDrain),
    SHUTDOWN_SECONDS,
  } satisfies Omit<WebEnvironment, Ticket>;
}

/** Certificates are not secret: a company's own are passed in a variable, those of RDS are in the image. */
function authorities({ database }: Environment): { SQL_TLS_CA_FILE: string } | { SQL_TLS_CA: string } {
  if (database.type === 'new' || database.certificates === 'rds') {
    return { SQL_TLS_CA_FILE: rdsAuthoritiesFile };
  }
  return { SQL_TLS_CA: authoritiesOf(database.certificates.files).join('\n') };
}
