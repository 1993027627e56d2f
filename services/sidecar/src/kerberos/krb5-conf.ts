export interface Krb5ConfOptions {
  /** DNS name of the directory, in lower case. */
  readonly domain: string;
  readonly realm: string;
  /** Host names or addresses, tried in this order; none: found by DNS SRV records. */
  readonly kdcs: readonly string[];
}

/**
 * The krb5.conf(5) of both containers. Host names are never canonicalised, so that the service principal name
 * is made of the name that was connected to; encryption types are left to the directory.
 */
export function renderKrb5Conf({ domain, realm, kdcs }: Krb5ConfOptions): string {
  return `[libdefaults]
  default_realm = ${realm}
  dns_lookup_kdc = ${kdcs.length === 0}
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
  # TCP at once: answers with a PAC are too large for UDP.
  udp_preference_limit = 1

[realms]
  ${realm} = {
${kdcs.map((kdc) => `    kdc = ${kdc}\n`).join('')}  }

[domain_realm]
  ${domain} = ${realm}
  .${domain} = ${realm}
`;
}
