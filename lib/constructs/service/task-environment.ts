import {
  type SidecarEnvironment,
  sharedFolderEnvironment,
  sidecarFolders,
  ticketMetrics,
  type WebEnvironment,
  webPort,
} from '@packages/contracts';
import { namesOf, sqlServerPort } from '../../config/index.ts';
import type { Place } from '../common/stage-contract.ts';
import { shutdownTimes } from './shutdown-times.ts';

/** What the sidecar is told, apart from its credentials. The domain controllers it finds by DNS. */
export function sidecarEnvironment({ deployment, environment }: Place) {
  const names = namesOf(deployment, environment);
  return {
    DIRECTORY_DOMAIN: deployment.domain.name,
    SQL_SPN: names.sqlServerPrincipal,
    TICKET_MODE: environment.service.ticketMode,
    SIGN_IN_SPREAD_SECONDS: String(signInSpread(environment.service.maximumTasks)),
    SHARED_DIRECTORY: sidecarFolders.shared,
    PRIVATE_DIRECTORY: sidecarFolders.private,
    METRICS_NAMESPACE: ticketMetrics.namespace,
    SERVICE_NAME: names.serviceName,
  } satisfies SidecarEnvironment;
}

/**
 * Directories lock an account after five refusals by default, and each task that starts during a rotation may make one:
 * four tasks cannot lock it. More are spread, about one a second; see decision 031.
 */
function signInSpread(maximumTasks: number): number {
  return maximumTasks < 5 ? 0 : Math.min(30, maximumTasks);
}

/** What web is told: where SQL Server is, and where the sidecar puts the ticket. Nothing of it is secret. */
export function webEnvironment({ deployment, environment }: Place, sqlServerTlsName: string) {
  return {
    PORT: String(webPort),
    SQL_SERVER: namesOf(deployment, environment).sqlServerHost,
    SQL_PORT: String(sqlServerPort),
    SQL_DATABASE: environment.database.name,
    SQL_TLS_NAME: sqlServerTlsName,
    SQL_TLS_CA_FILE: '/etc/ssl/certs/rds-global-bundle.pem',
    ...sharedFolderEnvironment(sidecarFolders.shared),
    DRAIN_SECONDS: String(shutdownTimes.webDrain),
    SHUTDOWN_SECONDS: String(shutdownTimes.webLimit),
  } satisfies WebEnvironment;
}
