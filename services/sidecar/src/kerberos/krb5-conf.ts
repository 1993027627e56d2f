import type { ServicePrincipal } from './service-principal.ts';

/** `aes`: only AES; `aes-and-rc4`: RC4 as well, for servers that support nothing better. */
export type EncryptionTypes = 'aes' | 'aes-and-rc4';

export interface Krb5ConfOptions {
  /** DNS name of the directory, in lower case. */
  readonly domain: string;
  readonly realm: string;
  /** Host names or addresses, tried in this order; empty: found by DNS SRV records. */
  readonly kdcs: readonly string[];
  readonly server: Pick<ServicePrincipal, 'host' | 'realm'>;
  /** Domain controllers of the SQL Server's realm, if that is another one. */
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
 * Renders a krb5.conf(5), for the sidecar's own tools and, as a copy, for the service. It turns canonicalisation of
 * host names off, so that the service principal name is formed from the name that the client connected to. It states
 * the SQL Server's realm instead of leaving it to be guessed, because GSSAPI looks for the ticket under that name.
 * Kerberos uses DNS to find the domain controllers of realms that list none, including those of a trust on the path to
 * the SQL Server's realm.
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
  # Refuse weaker types, because an impostor of a domain controller could ask for them.
  permitted_enctypes = ${[...aes, ...(rc4 ? ['arcfour-hmac'] : [])].join(' ')}
  allow_weak_crypto = false
${rc4 ? '  allow_rc4 = true\n' : ''}  # Use TCP from the start: answers with a PAC are too large for UDP.
  udp_preference_limit = 1

[realms]
${renderRealm(realm, kdcs)}${isForeign ? renderRealm(server.realm, serverKdcs) : ''}
[domain_realm]
  ${server.host} = ${server.realm}
  ${domain} = ${realm}
  .${domain} = ${realm}
`;
}

/** Lists every KDC as primary too, so that a refused password does not make Kerberos look for another KDC in DNS. */
function renderRealm(realm: string, kdcs: readonly string[]): string {
  const lines = ['kdc', 'primary_kdc'].flatMap((key) => kdcs.map((kdc) => `    ${key} = ${kdc}\n`));
  return `  ${realm} = {\n${lines.join('')}  }\n`;
}
