import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { credentialCacheName, credentialCachePath, KerberosError, loadConfiguration } from '../src/index.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'configured-cache-'));
});
afterAll(() => rm(folder, { recursive: true }));

const named = (name: string) => `[libdefaults]\n default_ccache_name = ${name}\n`;

/** klist(1) reads the same file and prints the cache it looked for. */
test.each([
  named('FILE:/a'),
  named('/a'),
  named('"FILE:/a b"'),
  named('"FILE:/a" # ours'),
  named('"FILE:/a'),
  named('FILE:/a # b'),
  named('FILE:/a = b'),
  named('FILE:/%{uid}/%{USERID}/%{euid}/%{null}'),
  named('FILE:%{TEMP}/%{username}'),
  named('FILE:/a\n default_ccache_name = FILE:/b'),
  named('DIR:/a'),
  named('FILE:/%{nope}'),
  named('FILE:/%{uid'),
  named('file:/a'),
  named('other:a'),
  '[libdefaults]\n default_ccache_name* = FILE:/a\n default_ccache_name = FILE:/b\n',
  '[libdefaults]\ndefault_ccache_name=FILE:/a',
  '[libdefaults]\r\n\tdefault_ccache_name\t=\tFILE:/a\t\r\n',
  '[ libdefaults ]\n default_ccache_name = FILE:/a\n',
  '[LIBDEFAULTS]\n default_ccache_name = FILE:/a\n',
  '[libdefaults]\n x = {\n default_ccache_name = FILE:/b\n }\n default_ccache_name = FILE:/a\n',
  '[libdefaults]\n a{ = c\n default_ccache_name = FILE:/a\n',
  '[realms]\n A = {\n }*\n[libdefaults]\n default_ccache_name = FILE:/a\n',
  'managed = elsewhere\n[libdefaults]\n default_ccache_name = FILE:/a\n',
  '[libdefaults]\n a b = c\n default_ccache_name = FILE:/a\n',
  '[libdefaults]\n default_ccache_name FILE:/a\n',
  '[libdefaults] # ours\n default_ccache_name = FILE:/a\n',
  '[libdefaults]\n default_ccache_name = FILE:/a\n}\n',
  'includedir /nonexistent\n[libdefaults]\n default_ccache_name = FILE:/a\n',
  '',
])('%j names the cache that it names for MIT Kerberos, or is wrong for both', async (text) => {
  const file = join(folder, 'krb5.conf');
  await writeFile(file, text);
  for (const TMPDIR of [undefined, '/var/tmp']) {
    const environment = { KRB5_CONFIG: file, USER: 'another', ...(TMPDIR && { TMPDIR }) };
    const { stderr } = await execa('klist', { env: environment, extendEnv: false, reject: false });
    expect(await ourCache(environment)).toBe(/\(filename: (.*)\)/.exec(stderr)?.[1] ?? 'wrong');
  }
});

async function ourCache(environment: Record<string, string>): Promise<string> {
  try {
    const { defaultCredentialCacheName } = await loadConfiguration(environment);
    return await credentialCachePath(credentialCacheName(defaultCredentialCacheName, environment));
  } catch (error) {
    if (error instanceof KerberosError) return 'wrong';
    throw error;
  }
}
