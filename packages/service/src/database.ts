import type { ServiceSettings } from '@packages/contracts';
import { type ConnectionConfig, createPool, kerberos, type Pool } from 'tedious-kerberos';

/** The settings that make up a connection. */
type ConnectionSettings = Pick<
  ServiceSettings,
  | 'SQL_SERVER'
  | 'SQL_PORT'
  | 'SQL_DATABASE'
  | 'SQL_TLS_NAME'
  | 'CONNECT_TIMEOUT_SECONDS'
  | 'QUERY_TIMEOUT_SECONDS'
> &
  Partial<Pick<ServiceSettings, 'SQL_SPN' | 'SQL_MULTI_SUBNET'>>;

/**
 * How a service logs in to SQL Server: with the Kerberos ticket of the process, over verified TLS.
 *
 * @param authorities PEM certificates of the authorities to trust
 * @param appName the service's name in SQL Server's lists of sessions
 */
export function connectionTo(
  settings: ConnectionSettings,
  authorities: string,
  appName: string,
): ConnectionConfig {
  return {
    server: settings.SQL_SERVER,
    tls: { name: settings.SQL_TLS_NAME, ca: authorities },
    // The realm is left to krb5.conf.
    authenticator: kerberos(settings.SQL_SPN ? { spn: settings.SQL_SPN.replace(/@.*/, '') } : {}),
    options: {
      port: settings.SQL_PORT,
      multiSubnetFailover: settings.SQL_MULTI_SUBNET === 'true',
      database: settings.SQL_DATABASE,
      appName,
      connectTimeout: Math.round(settings.CONNECT_TIMEOUT_SECONDS * 1000),
      requestTimeout: Math.round(settings.QUERY_TIMEOUT_SECONDS * 1000),
      // How long the database may take to confirm that a query was canceled before the connection is closed.
      cancelTimeout: 500,
    },
  };
}

/**
 * The database of a service that does one thing at a time: a single connection, opened on first use and reopened with the
 * current ticket after it was lost.
 */
export function openDatabase(settings: ConnectionSettings, authorities: string, appName: string): Pool {
  return createPool({
    connection: connectionTo(settings, authorities, appName),
    max: 1,
    acquireTimeoutMilliseconds: Math.round(settings.CONNECT_TIMEOUT_SECONDS * 1500),
  });
}
