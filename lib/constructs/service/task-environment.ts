import { type WebEnvironment, webPort } from '@packages/contracts';
import { Duration } from 'aws-cdk-lib';
import { namesOf, sqlServerPort } from '../../config/index.ts';
import type { Place } from '../common/stage-contract.ts';
import { shutdownTimes } from './shutdown-times.ts';

/**
 * Directories lock an account after five refusals by default, and each task that starts during a rotation may make one:
 * four tasks cannot lock it. More are spread, about one a second; see decision 031.
 */
export function signInSpread(maximumTasks: number): Duration {
  return Duration.seconds(maximumTasks < 5 ? 0 : Math.min(30, maximumTasks));
}

/** What web is told: where SQL Server is. Where the ticket is, the sidecar's construct tells it. Nothing of it is secret. */
export function webEnvironment({ deployment, environment }: Place, sqlServerTlsName: string) {
  return {
    PORT: String(webPort),
    SQL_SERVER: namesOf(deployment, environment).sqlServerHost,
    SQL_PORT: String(sqlServerPort),
    SQL_DATABASE: environment.database.name,
    SQL_TLS_NAME: sqlServerTlsName,
    SQL_TLS_CA_FILE: '/etc/ssl/certs/rds-global-bundle.pem',
    DRAIN_SECONDS: String(shutdownTimes.webDrain),
    SHUTDOWN_SECONDS: String(shutdownTimes.webLimit),
  } satisfies Omit<WebEnvironment, 'KRB5_CONFIG' | 'KRB5CCNAME' | 'TICKET_STATUS_FILE'>;
}
