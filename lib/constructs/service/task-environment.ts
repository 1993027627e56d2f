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
 * Directories lock an account after five refusals by default, and each task that starts during a rotation may make one:
 * four tasks cannot lock it. More are spread, about one a second; see decision 031.
 */
export function signInSpread(maximumTasks: number): Duration {
  return Duration.seconds(maximumTasks < 5 ? 0 : Math.min(30, maximumTasks));
}

type Ticket = 'KRB5_CONFIG' | 'KRB5CCNAME' | 'TICKET_STATUS_FILE';

/**
 * What the container of every service is told: where SQL Server is. Where the ticket is, the sidecar's construct tells it.
 * Nothing of it is secret.
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

/** What web is told besides. */
export function webEnvironment(context: EnvironmentContext, sqlServer: SqlServerAddress) {
  const { SHUTDOWN_SECONDS, ...common } = serviceEnvironment(context, sqlServer);
  return {
    PORT: String(webPort),
    ...common,
    DRAIN_SECONDS: String(shutdownTimes.webDrain),
    SHUTDOWN_SECONDS,
  } satisfies Omit<WebEnvironment, Ticket>;
}

/** Certificates are no secret: those of a company are told as they are, those of RDS are in the image. */
function authorities({ database }: Environment): { SQL_TLS_CA_FILE: string } | { SQL_TLS_CA: string } {
  if (database.type === 'new' || database.certificates === 'rds') {
    return { SQL_TLS_CA_FILE: rdsAuthoritiesFile };
  }
  return { SQL_TLS_CA: authoritiesOf(database.certificates.files).join('\n') };
}
