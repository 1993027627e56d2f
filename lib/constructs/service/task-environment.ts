import { namesOf, sqlServerPort } from '../../config/index.ts';
import type { Place } from '../common/stage-contract.ts';
import { shutdownTimes } from './shutdown-times.ts';

/** The port that web listens on. */
export const webPort = 8080;

/** The sidecar's folders: one that web can read, one of its own for the TGT. */
export const sidecarPaths = { shared: '/var/scratch', private: '/run/ticket-sidecar' } as const;

/** The namespace of the sidecar's metrics; their dimension `Service` is the name of the ECS service. */
export const ticketMetricsNamespace = 'TicketSidecar';

/** What the sidecar is told, apart from its credentials. The domain controllers it finds by DNS. */
export function sidecarEnvironment({ deployment, environment }: Place): Record<string, string> {
  const names = namesOf(deployment, environment);
  return {
    DIRECTORY_DOMAIN: deployment.domain.name,
    SQL_SPN: names.sqlServerPrincipal,
    TICKET_MODE: environment.service.ticketMode,
    SIGN_IN_SPREAD_SECONDS: String(signInSpread(environment.service.maximumTasks)),
    SHARED_DIRECTORY: sidecarPaths.shared,
    PRIVATE_DIRECTORY: sidecarPaths.private,
    METRICS_NAMESPACE: ticketMetricsNamespace,
    SERVICE_NAME: names.serviceName,
  };
}

/**
 * Directories lock an account after five refusals by default, and each task that starts during a rotation may make one:
 * four tasks cannot lock it. More are spread, about one a second; see decision 031.
 */
function signInSpread(maximumTasks: number): number {
  return maximumTasks < 5 ? 0 : Math.min(30, maximumTasks);
}

/** What web is told: where SQL Server is, and where the sidecar puts the ticket. Nothing of it is secret. */
export function webEnvironment(place: Place, sqlServerTlsName: string): Record<string, string> {
  const { deployment, environment } = place;
  return {
    PORT: String(webPort),
    SQL_SERVER: namesOf(deployment, environment).sqlServerHost,
    SQL_PORT: String(sqlServerPort),
    SQL_DATABASE: environment.database.name,
    SQL_TLS_NAME: sqlServerTlsName,
    SQL_TLS_CA_FILE: '/etc/ssl/certs/rds-global-bundle.pem',
    KRB5_CONFIG: `${sidecarPaths.shared}/krb5.conf`,
    KRB5CCNAME: `FILE:${sidecarPaths.shared}/krbcache`,
    TICKET_STATUS_FILE: `${sidecarPaths.shared}/ticket.json`,
    DRAIN_SECONDS: String(shutdownTimes.webDrain),
    SHUTDOWN_SECONDS: String(shutdownTimes.webLimit),
  };
}
