import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { configurationFrom, loadConfiguration } from './load-configuration.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'krb5-conf-'));
});
afterAll(() => rm(folder, { recursive: true }));

const text = `
# a comment
; another
[libdefaults]
	default_realm = CORP.EXAMPLE.COM
  default_ccache_name = DIR:/run/user/%{uid}/krb5cc
  dns_lookup_kdc = no
  permitted_enctypes = aes256-cts rc4-hmac, aes128-sha2
[realms]
  CORP.EXAMPLE.COM = {
    kdc = dc1.corp.example.com
    kdc = "dc2.corp.example.com:8888"
    kdc = [2001:db8::1]:88
    auth_to_local_names = {
      somebody = else
    }
  }
  OTHER.EXAMPLE.ORG =
  {
    kdc = tcp/10.0.0.1
    admin_server = admin.other.example.org:749
  }
  MIT.EXAMPLE.ORG = {
    kdc = 10.0.0.2
    kpasswd_server = kpasswd.example.org
  }
[domain_realm]
  .corp.example.com = CORP.EXAMPLE.COM
  exact.example.net = OTHER.EXAMPLE.ORG
  example.net = MIT.EXAMPLE.ORG
[appdefaults]
  anything = goes
`;

test('the parts that matter to a client', () => {
  const configuration = configurationFrom(text);
  expect(configuration).toMatchObject({
    defaultRealm: 'CORP.EXAMPLE.COM',
    defaultCredentialCacheName: 'DIR:/run/user/%{uid}/krb5cc',
    lookUpKdcsInDns: false,
    encryptionTypes: [18, 19],
  });
  expect(configuration.kdcs('CORP.EXAMPLE.COM')).toEqual([
    { host: 'dc1.corp.example.com', port: 88 },
    { host: 'dc2.corp.example.com', port: 8888 },
    { host: '2001:db8::1', port: 88 },
  ]);
  expect(configuration.kdcs('OTHER.EXAMPLE.ORG')).toEqual([{ host: '10.0.0.1', port: 88 }]);
  expect(configuration.kdcs('corp.example.com')).toEqual([]);
});

test('passwords are changed by the configured server, else the administration server, else the KDCs', () => {
  const { passwordServers } = configurationFrom(text);
  expect(passwordServers('MIT.EXAMPLE.ORG')).toEqual([{ host: 'kpasswd.example.org', port: 464 }]);
  expect(passwordServers('OTHER.EXAMPLE.ORG')).toEqual([{ host: 'admin.other.example.org', port: 464 }]);
  expect(passwordServers('CORP.EXAMPLE.COM').map(({ port }) => port)).toEqual([464, 464, 464]);
});

test.each([
  ['db.corp.example.com', 'CORP.EXAMPLE.COM'],
  ['DB.Sub.Corp.Example.Com.', 'CORP.EXAMPLE.COM'],
  ['corp.example.com', undefined],
  ['exact.example.net', 'OTHER.EXAMPLE.ORG'],
  ['below.exact.example.net', 'OTHER.EXAMPLE.ORG'],
  ['db.example.net', 'MIT.EXAMPLE.ORG'],
  ['db.elsewhere.org', undefined],
])('the host %s is in the realm %s', (host, realm) => {
  expect(configurationFrom(text).realmOfHost(host)).toBe(realm);
});

test('by default, DNS is used and all types are offered', () => {
  const configuration = configurationFrom('');
  expect(configuration).toMatchObject({ defaultRealm: undefined, lookUpKdcsInDns: true });
  expect(configuration.encryptionTypes).toEqual([18, 17, 20, 19]);
  expect(
    configurationFrom('[libdefaults]\npermitted_enctypes = DEFAULT -aes128-cts -rc4').encryptionTypes,
  ).toEqual([18, 20, 19]);
  expect(configurationFrom('[libdefaults]\npermitted_enctypes = rc4-hmac').encryptionTypes).toEqual([]);
});

test.each([
  ['[realms\n', 1, /does not end with "\]"/],
  ['[libdefaults]\nx\n', 2, /name = value/],
  ['[realms]\n}\n', 2, /closes what was not opened/],
  ['[realms]\nA = {\n[libdefaults]\n', 3, /before the subsection above has ended/],
  ['[realms]\nA =\nkdc = b\n', 3, /brace is missing/],
  ['module /lib/x.so:residual\n', 1, /module .* not supported/],
  ['[realms]\ninclude krb5.conf.d\n', 2, /does not begin with "\/"/],
])('%j is not a configuration', (wrong, line, message) => {
  expect(() => configurationFrom(wrong)).toThrow(
    expect.objectContaining({ code: 'CONFIGURATION_INVALID', message: expect.stringMatching(message) }),
  );
  expect(() => configurationFrom(wrong)).toThrow(`line ${line}`);
});

test.each([
  [
    'a star, and a quote that ends before the line does',
    'default_realm* = "A" # ours\n default_realm = B',
    'A',
  ],
  ['a quote that does not end', 'default_realm = "A', 'A'],
  ['braces in a name', 'a{b} = c\n default_realm = A', 'A'],
])('%s', (_, lines, realm) => {
  expect(configurationFrom(`[libdefaults]\n ${lines}\n`).defaultRealm).toBe(realm);
});

const realmWith = (...lines: string[]) =>
  configurationFrom(`managed by hand\n[realms]\nA = {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`);

test('text before the first section or after a host is a comment', () => {
  const { kdcs } = realmWith('kdc = dc1 # the first', 'kdc = [2001:db8::1] # the second');
  expect(kdcs('A')).toEqual([
    { host: 'dc1', port: 88 },
    { host: '2001:db8::1', port: 88 },
  ]);
});

test.each([
  ...['dc1:88 # no comment', 'dc1:kerberos', 'dc1:', 'dc1:65536', '2001:db8::1', '[]', '88', '""', ' :88'],
  ...['kkdcp://dc1', 'http://dc1', 'https://', 'https://:443/KdcProxy'],
])('"%s" names no server, which is said when it is needed', (value) => {
  const { kdcs, passwordServers } = realmWith('kdc = dc0', `kdc = ${value}`);
  for (const ask of [kdcs, passwordServers]) {
    expect(() => ask('A')).toThrow(
      expect.objectContaining({
        code: 'CONFIGURATION_INVALID',
        message: expect.stringMatching(/^In \[realms\] of krb5\.conf, "kdc = .*" of A names no server\.$/),
      }),
    );
  }
  expect(kdcs('B')).toEqual([]);
});

test('several files with includes in place; the first value wins', async () => {
  const [one, two, included, directory] = ['one', 'two', 'included', 'conf.d'].map((name) =>
    join(folder, name),
  );
  await mkdir(directory as string);
  await writeFile(join(directory as string, 'a.conf'), '[realms]\nA = {\n kdc = from-directory\n}\n');
  await writeFile(join(directory as string, 'a.conf.rpmsave'), 'this is a backup');
  await writeFile(included as string, '[libdefaults]\ndefault_realm = INCLUDED\ndns_lookup_kdc = off\n');
  await writeFile(
    one as string,
    `include ${included}\nincludedir ${directory}\n[realms]\nA = {\n kdc = first\n}\n`,
  );
  await writeFile(two as string, '[libdefaults]\ndefault_realm = TWO\n');
  const both = await loadConfiguration({ KRB5_CONFIG: `${one}:${join(folder, 'missing')}:${two}` });
  expect(both).toMatchObject({ defaultRealm: 'INCLUDED', lookUpKdcsInDns: false });
  expect(both.kdcs('A').map(({ host }) => host)).toEqual(['from-directory', 'first']);
});

test('the error names files that cannot be read or include each other in a circle', async () => {
  const circle = join(folder, 'circle');
  await writeFile(circle, `include ${circle}\n`);
  await expect(loadConfiguration({ KRB5_CONFIG: circle })).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
  });
  const broken = join(folder, 'broken');
  await writeFile(broken, `include ${join(folder, 'missing')}\n`);
  await expect(loadConfiguration({ KRB5_CONFIG: broken })).rejects.toMatchObject({
    code: 'CONFIGURATION_UNREADABLE',
    message: expect.stringContaining('missing'),
  });
  await expect(loadConfiguration({ KRB5_CONFIG: join(folder, 'missing') })).rejects.toMatchObject({
    code: 'CONFIGURATION_UNREADABLE',
  });
});

test('text cannot include files', () => {
  expect(() => configurationFrom('include /etc/krb5.conf')).toThrow(/cannot include/);
});
