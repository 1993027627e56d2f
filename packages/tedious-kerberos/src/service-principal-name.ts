import { isIP } from 'node:net';
import type { LoginTarget } from './authenticator.ts';
import { LoginError } from './errors/login-error.ts';

/**
 * The name SQL Server registers for a TCP endpoint: `MSSQLSvc/<host>:<port>`, also for a named instance.
 * The host is taken as it is (lower case, no final dot): no DNS canonicalisation.
 *
 * @throws LoginError `SPN_UNKNOWN` for an IP address: no directory has a service principal name for one
 * @see https://learn.microsoft.com/sql/database-engine/configure-windows/register-a-service-principal-name-for-kerberos-connections
 */
export function servicePrincipalName({ host, port }: LoginTarget): string {
  if (isIP(host)) {
    throw new LoginError('SPN_UNKNOWN', {
      message: `Kerberos needs a host name, not the address ${host}.`,
      host,
      port,
      step: 'ticket',
    });
  }
  return `MSSQLSvc/${normalHost(host)}:${port}`;
}

/** As MIT Kerberos has it: of its letters, those of ASCII are made small, and one final dot goes. */
function normalHost(host: string): string {
  return host.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()).replace(/\.$/, '');
}

/**
 * A service principal name with its host in lower case, as Kerberos writes it: whatever a directory makes of capitals, a
 * credential cache tells them apart.
 *
 * @throws TypeError when the name is not of the form `service/host[:port or instance]`
 */
export function normalServicePrincipalName(spn: string): string {
  const [service, host] = hostBasedServiceName(spn).split('@') as [string, string];
  const [name, ...rest] = host.split(':');
  return `${service}/${[normalHost(name as string), ...rest].join(':')}`;
}

/**
 * The same name as GSSAPI takes it, `service@host[:port]` (RFC 2743, section 4.1).
 * Importing the form with a slash as a host-based service never finds the service.
 *
 * @throws TypeError when the name is not of the form `service/host[:port or instance]`
 */
export function hostBasedServiceName(spn: string): string {
  // A host of no empty labels, then a port or an instance.
  const match = /^([^/@\s:]+)\/([^/@\s:.]+(?:\.[^/@\s:.]+)*\.?(?::[^/@\s]+)?)$/.exec(spn);
  if (!match) {
    throw new TypeError(
      `The service principal name must be "service/host:port" without a realm, for example ` +
        `"MSSQLSvc/db.corp.example.com:1433", not ${JSON.stringify(spn)}.`,
    );
  }
  return `${match[1]}@${match[2]}`;
}

/**
 * Whether a service's host is, by its name, none of a realm's: it may be the name alone that leads there, whatever the
 * connection was made to. An address, and a name without a domain, are of no other realm.
 */
export function isOutside(spn: string, realm: string): boolean {
  const host = normalHost((spn.split('/')[1] ?? '').replace(/:[^:]*$/, ''));
  if (!host.includes('.') || isIP(host)) return false;
  return !`.${host}`.toLowerCase().endsWith(`.${realm.toLowerCase()}`);
}
