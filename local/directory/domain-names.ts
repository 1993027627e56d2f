/** The names of a domain, derived from its DNS name except where the NetBIOS name is given. */
export interface DomainNames {
  /** DNS name in lower case, for example `corp.example.com`. */
  readonly name: string;
  /** Kerberos realm: the DNS name in upper case (RFC 4120, section 6.1, domain style). */
  readonly realm: string;
  /** NetBIOS name, for example `CORP`. */
  readonly netbiosName: string;
  /** Distinguished name of the domain's root, for example `DC=corp,DC=example,DC=com`. */
  readonly baseDn: string;
}

/**
 * @param name DNS name of the domain
 * @param netbiosName default: the first label in upper case, cut to the 15 characters that NetBIOS allows
 */
export function domainNames(name: string, netbiosName?: string): DomainNames {
  const lower = name.toLowerCase();
  const labels = lower.split('.');
  return {
    name: lower,
    realm: lower.toUpperCase(),
    netbiosName: netbiosName ?? (labels[0] ?? '').toUpperCase().slice(0, 15),
    baseDn: labels.map((label) => `DC=${label}`).join(','),
  };
}
