import { expect, test } from 'vitest';
import { renderKrb5Conf } from './krb5-conf.ts';

const names = { domain: 'corp.example.com', realm: 'CORP.EXAMPLE.COM' };

test('krb5.conf lists the domain controllers in their order, and leaves encryption types to the directory', () => {
  expect(renderKrb5Conf({ ...names, kdcs: ['10.0.1.10', '10.0.2.10'] })).toBe(`[libdefaults]
  default_realm = CORP.EXAMPLE.COM
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
  # TCP at once: answers with a PAC are too large for UDP.
  udp_preference_limit = 1

[realms]
  CORP.EXAMPLE.COM = {
    kdc = 10.0.1.10
    kdc = 10.0.2.10
  }

[domain_realm]
  corp.example.com = CORP.EXAMPLE.COM
  .corp.example.com = CORP.EXAMPLE.COM
`);
});

test('krb5.conf leaves finding the domain controllers to DNS when none is listed', () => {
  const text = renderKrb5Conf({ ...names, kdcs: [] });
  expect(text).toContain('dns_lookup_kdc = true');
  expect(text).not.toMatch(/^ +kdc = /m);
});
