import { Resolver } from 'node:dns/promises';
import type { Configuration } from '../configuration/configuration.ts';
import type { ServerAddress } from '../configuration/server-address.ts';
import { KerberosError } from '../errors/kerberos-error.ts';

/** What a server is asked for. */
export type Service = 'kdc' | 'password';

/** Looks up SRV records, as `node:dns` does. */
export type ResolveSrv = (
  name: string,
) => Promise<readonly { name: string; port: number; priority: number; weight: number }[]>;

const records = { kdc: '_kerberos._tcp', password: '_kpasswd._tcp' } as const;
const nobody = new Set(['NXDOMAIN', 'ENOTFOUND', 'ENODATA']);

/**
 * The servers of a realm: those that the configuration names, or else those of DNS (RFC 4120, section 7.2.3.2).
 *
 * @throws KerberosError REALM_UNKNOWN when there are none; CONFIGURATION_INVALID
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
      `Cannot find KDC for realm "${realm}": the configuration names none, and does not let DNS name one.`,
    );
  }
  const name = `${records[service]}.${realm}`;
  const found = await resolveSrv(name).catch((cause: NodeJS.ErrnoException) => {
    const missing = nobody.has(cause.code ?? '');
    const what = missing ? `has no record ${name}` : `cannot be asked for ${name} (${cause.message})`;
    throw new KerberosError(
      'REALM_UNKNOWN',
      `Cannot find KDC for realm "${realm}": the configuration names none, and DNS ${what}.`,
      { cause },
    );
  });
  const servers = inOrder(found).filter((record) => record.name !== '' && record.name !== '.');
  if (servers.length > 0) return servers.map((record) => ({ host: record.name, port: record.port }));
  throw new KerberosError(
    'REALM_UNKNOWN',
    `Cannot find KDC for realm "${realm}": DNS says that it has none.`,
  );
}

/** By priority; within one, by chance in proportion to the weights (RFC 2782). */
function inOrder<T extends { priority: number; weight: number }>(found: readonly T[]): T[] {
  const ranked = found.map((record) => ({
    record,
    rank: Math.random() ** (1 / (record.weight + 0.01)),
  }));
  ranked.sort((a, b) => a.record.priority - b.record.priority || b.rank - a.rank);
  return ranked.map(({ record }) => record);
}

const resolveSrvInTime: ResolveSrv = (name) => new Resolver({ timeout: 2000, tries: 2 }).resolveSrv(name);
