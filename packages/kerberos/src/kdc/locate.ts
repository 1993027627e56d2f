import { Resolver } from 'node:dns/promises';
import type { Configuration } from '../configuration/configuration.ts';
import type { ServerAddress } from '../configuration/server-address.ts';
import { KerberosError } from '../errors/kerberos-error.ts';

/** The service that a server provides. */
export type Service = 'kdc' | 'password';

/** Looks up SRV records, as `node:dns` does. */
export type ResolveSrv = (
  name: string,
) => Promise<readonly { name: string; port: number; priority: number; weight: number }[]>;

/** Many domains publish the UDP record only; for password servers, the MIT Kerberos handbook does so, too. */
const records = {
  kdc: ['_kerberos._tcp', '_kerberos._udp'],
  password: ['_kpasswd._tcp', '_kpasswd._udp'],
} as const;
const nobody = new Set(['NXDOMAIN', 'ENOTFOUND', 'ENODATA']);

/**
 * The servers of a realm, from the configuration or else from DNS (RFC 4120, section 7.2.3.2).
 *
 * @throws KerberosError REALM_UNKNOWN if there are none; CONFIGURATION_INVALID
 */
export async function locate(
  realm: string,
  service: Service,
  configuration: Configuration,
  resolveSrv: ResolveSrv = resolveSrvInTime,
): Promise<readonly ServerAddress[]> {
  const configured = service === 'kdc' ? configuration.kdcs(realm) : configuration.passwordServers(realm);
  if (configured.length > 0) return configured;
  if (!configuration.lookUpKdcsInDns) {
    throw new KerberosError(
      'REALM_UNKNOWN',
      `Cannot find KDC for realm "${realm}": the configuration names none and disables the lookup in DNS.`,
    );
  }
  const names = records[service].map((record) => `${record}.${realm}`);
  let cause: unknown;
  for (const name of names) {
    const found = await resolveSrv(name).catch((error: NodeJS.ErrnoException) => {
      cause = error;
      if (nobody.has(error.code ?? '')) return [];
      throw unknownRealm(realm, `cannot be asked for ${name} (${error.message})`, error);
    });
    const servers = inOrder(found).filter((record) => record.name !== '' && record.name !== '.');
    if (servers.length > 0) return servers.map((record) => ({ host: record.name, port: record.port }));
  }
  throw unknownRealm(realm, cause ? `has no record ${names.join(' or ')}` : 'says that it has none', cause);
}

function unknownRealm(realm: string, what: string, cause: unknown): KerberosError {
  return new KerberosError(
    'REALM_UNKNOWN',
    `Cannot find KDC for realm "${realm}": the configuration names none, and DNS ${what}.`,
    { cause },
  );
}

/** Sorts by priority. Within one priority, the order is random in proportion to the weights (RFC 2782). */
function inOrder<T extends { priority: number; weight: number }>(found: readonly T[]): T[] {
  const ranked = found.map((record) => ({
    record,
    rank: Math.random() ** (1 / (record.weight + 0.01)),
  }));
  ranked.sort((a, b) => a.record.priority - b.record.priority || b.rank - a.rank);
  return ranked.map(({ record }) => record);
}

const resolveSrvInTime: ResolveSrv = (name) => new Resolver({ timeout: 2000, tries: 2 }).resolveSrv(name);
