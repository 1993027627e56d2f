import type { ServicePrincipal } from './service-principal.ts';

/** `aes`: AES alone; `aes-and-rc4`: RC4 as well, for servers that have nothing better. */
export type EncryptionTypes = 'aes' | 'aes-and-rc4';

export interface Krb5ConfOptions {
  /** DNS name of the directory, in lower case. */
  readonly domain: string;
  readonly realm: string;
  /** Host names or addresses, tried in this order; none: found by DNS SRV records. */
  readonly kdcs: readonly string[];
  readonly server: Pick<ServicePrincipal, 'host' | 'realm'>;
  /** Those of the SQL Server's realm, when it is another one. */
  readonly serverKdcs: readonly string[];
  readonly encryptionTypes: EncryptionTypes;
}

const aes = [
  'aes256-cts-hmac-sha384-192',
  'aes128-cts-hmac-sha256-128',
  'aes256-cts-hmac-sha1-96',
  'aes128-cts-hmac-sha1-96',
];

/**
 * A krb5.conf(5): one for the sidecar's own tools, a copy of it for the service. It turns canonicalisation of host names
 * off, so that the service principal name is made of the name that was connected to. It states the SQL Server's realm
 * instead of leaving it to be guessed: GSSAPI looks for the ticket under that name. Kerberos finds the domain controllers of
 * realms that list none (also those of a trust, on the way to the SQL Server's) by DNS.
 */
export function renderKrb5Conf(options: Krb5ConfOptions): string {
  const { domain, realm, kdcs, server, serverKdcs, encryptionTypes } = options;
  const isForeign = server.realm !== realm;
  const rc4 = encryptionTypes === 'aes-and-rc4';
  return `[libdefaults]
  default_realm = ${realm}
  dns_lookup_kdc = true
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
  # A domain controller that asks for less is refused: whoever stands in its place could ask for it.
  permitted_enctypes = ${[...aes, ...(rc4 ? ['arcfour-hmac'] : [])].join(' ')}
  allow_weak_crypto = false
${rc4 ? '  allow_rc4 = true\n' : ''}  # TCP at once: answers with a PAC are too large for UDP.
  udp_preference_limit = 1

[realms]
${renderRealm(realm, kdcs)}${isForeign ? renderRealm(server.realm, serverKdcs) : ''}
[domain_realm]
  ${server.host} = ${server.realm}
  ${domain} = ${realm}
  .${domain} = ${realm}
`;
}

/** All listed ones are "primary", so that no other one is looked for in DNS when a password was refused. */
function renderRealm(realm: string, kdcs: readonly string[]): string {
  const lines = ['kdc', 'primary_kdc'].flatMap((key) => kdcs.map((kdc) => `    ${key} = ${kdc}\n`));
  return `  ${realm} = {\n${lines.join('')}  }\n`;
}
