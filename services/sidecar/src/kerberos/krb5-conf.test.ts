import { expect, test } from 'vitest';
import { renderKrb5Conf } from './krb5-conf.ts';

const options = {
  domain: 'corp.example.com',
  realm: 'CORP.EXAMPLE.COM',
  kdcs: ['10.0.1.10', '10.0.2.10'],
  server: { host: 'music-db.corp.example.com', realm: 'CORP.EXAMPLE.COM' },
  serverKdcs: [],
  encryptionTypes: 'aes',
} as const;

test('krb5.conf lists the domain controllers in their order, and only AES', () => {
  expect(renderKrb5Conf(options)).toBe(`[libdefaults]
  default_realm = CORP.EXAMPLE.COM
  dns_lookup_kdc = true
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
  # Refuse weaker types, because an impostor of a domain controller could ask for them.
  permitted_enctypes = aes256-cts-hmac-sha384-192 aes128-cts-hmac-sha256-128 aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96
  allow_weak_crypto = false
  # Use TCP from the start: answers with a PAC are too large for UDP.
  udp_preference_limit = 1

[realms]
  CORP.EXAMPLE.COM = {
    kdc = 10.0.1.10
    kdc = 10.0.2.10
    primary_kdc = 10.0.1.10
    primary_kdc = 10.0.2.10
  }

[domain_realm]
  music-db.corp.example.com = CORP.EXAMPLE.COM
  corp.example.com = CORP.EXAMPLE.COM
  .corp.example.com = CORP.EXAMPLE.COM
`);
});

test('krb5.conf leaves finding the domain controllers to DNS when none is listed', () => {
  const text = renderKrb5Conf({ ...options, kdcs: [] });
  expect(text).toContain('dns_lookup_kdc = true');
  expect(text).not.toMatch(/^ +(primary_)?kdc = /m);
});

test('krb5.conf allows RC4 only if the configuration does', () => {
  expect(renderKrb5Conf(options)).not.toMatch(/arcfour|rc4/);
  expect(renderKrb5Conf({ ...options, encryptionTypes: 'aes-and-rc4' })).toMatch(
    /aes128-cts-hmac-sha1-96 arcfour-hmac\n.*\n {2}allow_rc4 = true\n/,
  );
});

test("krb5.conf knows the SQL Server's realm when it is another one, and finds its domain controllers by list or by DNS", () => {
  const server = { host: 'db.b.example', realm: 'B.EXAMPLE' };
  const listed = renderKrb5Conf({ ...options, server, serverKdcs: ['[fd00::10]:88'] });
  expect(listed).toContain('  B.EXAMPLE = {\n    kdc = [fd00::10]:88\n');
  expect(listed).toContain('[domain_realm]\n  db.b.example = B.EXAMPLE\n');
  const found = renderKrb5Conf({ ...options, server });
  expect(found).toContain('  B.EXAMPLE = {\n  }\n');
  expect(found).toContain('dns_lookup_kdc = true');
});
