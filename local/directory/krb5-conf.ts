import type { DomainNames } from './domain-names.ts';

/**
 * Renders a krb5.conf(5) for clients on this machine: KDCs by address, no DNS look-ups, no canonicalised host names,
 * and no enctype lists, because tests also need tickets that the sidecar would refuse.
 */
export function renderKrb5Conf(names: DomainNames, kdcs: readonly string[]): string {
  return `${[
    '[libdefaults]',
    `  default_realm = ${names.realm}`,
    '  dns_lookup_kdc = false',
    '  dns_lookup_realm = false',
    '  dns_canonicalize_hostname = false',
    '  rdns = false',
    '[realms]',
    `  ${names.realm} = {`,
    ...kdcs.map((kdc) => `    kdc = ${kdc}`),
    '  }',
    '[domain_realm]',
    `  .${names.name} = ${names.realm}`,
    `  ${names.name} = ${names.realm}`,
  ].join('\n')}\n`;
}
