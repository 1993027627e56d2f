import { isIP } from 'node:net';
import type { LoginTarget } from './authenticator.ts';
import { LoginError } from './errors/login-error.ts';

/**
 * The name that SQL Server registers for a TCP endpoint, including that of a named instance: `MSSQLSvc/<host>:<port>`.
 * The host is lowercased and loses a trailing dot, but is not canonicalised through DNS.
 *
 * @throws LoginError `SPN_UNKNOWN` for an IP address, for which SQL Server registers no service principal name
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

/** Normalised as MIT Kerberos does: lowercases ASCII letters only, and removes one trailing dot. */
function normalHost(host: string): string {
  return host.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()).replace(/\.$/, '');
}

/**
 * Lowercases the host in a service principal name, as Kerberos does. Directories may ignore case, but a lookup in a
 * credential cache is case-sensitive.
 *
 * @throws TypeError if the name is not of the form `service/host[:port or instance]`
 */
export function normalServicePrincipalName(spn: string): string {
  const [service, host] = hostBasedServiceName(spn).split('@') as [string, string];
  const [name, ...rest] = host.split(':');
  return `${service}/${[normalHost(name as string), ...rest].join(':')}`;
}

/**
 * Converts the name to the form that GSSAPI expects, `service@host[:port]` (RFC 2743, section 4.1). A name with a slash,
 * imported as a host-based service, would not be found.
 *
 * @throws TypeError if the name is not of the form `service/host[:port or instance]`
 */
export function hostBasedServiceName(spn: string): string {
  // A host without empty labels, then optionally a port or an instance.
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
 * Whether the host in a service principal name appears to lie outside the realm, judging by its domain. The given `spn` may
 * name another host than the one connected to. Addresses and names without a domain do not count as outside.
 */
export function isOutside(spn: string, realm: string): boolean {
  const host = normalHost((spn.split('/')[1] ?? '').replace(/:[^:]*$/, ''));
  if (!host.includes('.') || isIP(host)) return false;
  return !`.${host}`.toLowerCase().endsWith(`.${realm.toLowerCase()}`);
}
