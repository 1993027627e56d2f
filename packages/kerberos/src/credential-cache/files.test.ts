import { execFileSync } from 'node:child_process';
import { appendFile, chmod, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { forgedCredential } from '../../test/acceptor/own-acceptor.ts';
import { cacheable } from './credential-cache.ts';
import { readCredentialCache, writeCredentialCache } from './files.ts';
import { formatCredentialCache } from './format.ts';
import { credentialCacheName, credentialCachePath } from './location.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credential-cache-'));
});
afterAll(() => rm(folder, { recursive: true }));

const credential = cacheable(forgedCredential());
const cache = {
  principal: credential.client,
  credentials: [credential],
  clockOffset: 0,
};

test('a cache is written atomically, with its mode, and leaves no temporary file', async () => {
  const file = join(folder, 'written');
  await writeCredentialCache(`FILE:${file}`, cache);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await writeCredentialCache(file, cache, { version: 3, mode: 0o640 });
  expect((await stat(file)).mode & 0o777).toBe(0o640);
  expect(await readCredentialCache(file)).toEqual(cache);
  expect(await readdir(folder)).toEqual(['written']);
});

test('a collection has a primary cache; its name cannot lead elsewhere', async () => {
  const collection = join(folder, 'collection');
  await mkdir(collection);
  await expect(credentialCachePath(`DIR:${collection}`)).resolves.toBe(join(collection, 'tkt'));
  await writeFile(join(collection, 'primary'), 'tktchosen\n');
  await expect(credentialCachePath(`DIR:${collection}`)).resolves.toBe(join(collection, 'tktchosen'));
  await expect(credentialCachePath(`DIR::${collection}/tkt2`)).resolves.toBe(join(collection, 'tkt2'));
  for (const name of ['tkt/../../x', '/etc/passwd', 'x']) {
    await writeFile(join(collection, 'primary'), name);
    await expect(credentialCachePath(`DIR:${collection}`)).rejects.toMatchObject({
      code: 'CREDENTIAL_CACHE_MALFORMED',
    });
  }
});

test.each(['KCM:0', 'KEYRING:persistent:0', 'MEMORY:x', 'API:x'])('%s is not in a file', async (name) => {
  await expect(readCredentialCache(name)).rejects.toMatchObject({
    code: 'CREDENTIAL_CACHE_UNSUPPORTED',
    message: expect.stringContaining(name),
  });
});

test('errors about a file name the problem and the file', async () => {
  const named = async (path: string) =>
    readCredentialCache(path).catch((error) => [error.code, error.message.includes(path)]);
  expect(await named(join(folder, 'nothing'))).toEqual(['CREDENTIAL_CACHE_NOT_FOUND', true]);
  expect(await named(folder)).toEqual(['CREDENTIAL_CACHE_MALFORMED', true]);
  await symlink(join(folder, 'ring'), join(folder, 'ring'));
  for (const path of [join(folder, 'ring'), join(folder, 'x'.repeat(300))]) {
    expect(await named(path)).toEqual(['CREDENTIAL_CACHE_UNREADABLE', true]);
  }
  const other = join(folder, 'other');
  await writeFile(other, 'this is no credential cache');
  expect(await named(other)).toEqual(['CREDENTIAL_CACHE_MALFORMED', true]);
  await chmod(other, 0);
  if (process.getuid?.() !== 0) expect(await named(other)).toEqual(['CREDENTIAL_CACHE_UNREADABLE', true]);
});

test.each([
  [{ KRB5CCNAME: 'FILE:/x' }, undefined, 'FILE:/x'],
  [{ KRB5CCNAME: 'FILE:/x' }, 'DIR:/y', 'FILE:/x'],
  [{}, 'DIR:/run/user/%{uid}/krb5cc', `DIR:/run/user/${process.getuid?.()}/krb5cc`],
  [{ USER: 'another' }, 'FILE:%{TEMP}/cc_%{username}%{null}', `FILE:/tmp/cc_${userInfo().username}`],
  [
    { TMPDIR: '/var/tmp' },
    'FILE:%{TEMP}/cc_%{USERID}_%{euid}',
    `FILE:/var/tmp/cc_${process.getuid?.()}_${process.geteuid?.()}`,
  ],
  [{}, undefined, `FILE:/tmp/krb5cc_${process.getuid?.()}`],
])('environment %j and default_ccache_name %j name %s', (environment, configured, name) => {
  expect(credentialCacheName(configured, environment)).toBe(name);
});

test.each(['%{nope}', '%{UID}', '%{LIBDIR}', '%{uid', '%{constructor}'])(
  'default_ccache_name with %s is wrong',
  (token) => {
    expect(() => credentialCacheName(`FILE:/x/${token}`, {})).toThrow(
      expect.objectContaining({
        code: 'CONFIGURATION_INVALID',
        message: expect.stringContaining(`no value for ${token}`),
      }),
    );
    expect(credentialCacheName('FILE:/x', { KRB5CCNAME: `FILE:${token}` }), 'there it is a name').toBe(
      `FILE:${token}`,
    );
  },
);

test.each(['file:/x', 'dir:/x', 'File:/x', 'WRFILE:/x', 'STDIO:/x'])(
  '%s has an unknown type',
  async (name) => {
    await expect(credentialCachePath(name)).rejects.toMatchObject({
      code: 'CREDENTIAL_CACHE_UNSUPPORTED',
      message: expect.stringContaining('FILE and DIR are, in capitals'),
    });
  },
);

test('an empty KRB5CCNAME names no cache, as in MIT Kerberos', async () => {
  expect(credentialCacheName('FILE:/x', { KRB5CCNAME: '' })).toBe('');
  await expect(readCredentialCache('')).rejects.toMatchObject({
    code: 'CREDENTIAL_CACHE_NOT_FOUND',
    message: expect.stringContaining('give KRB5CCNAME or default_ccache_name a value, or leave it out'),
  });
});

test.runIf(process.platform !== 'win32')('reading a named pipe or a device does not block', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  for (const path of [pipe, '/dev/null', '/dev/zero']) {
    await expect(readCredentialCache(path)).rejects.toMatchObject({
      code: 'CREDENTIAL_CACHE_MALFORMED',
      message: `The credential cache is a named pipe or a device, not a file. (${path})`,
    });
  }
  const collection = join(folder, 'piped');
  await mkdir(collection);
  execFileSync('mkfifo', [join(collection, 'primary')]);
  await expect(credentialCachePath(`DIR:${collection}`)).resolves.toBe(join(collection, 'tkt'));
});

test('a partly written cache is read again until it is complete', async () => {
  const file = join(folder, 'half');
  const whole = formatCredentialCache(cache);
  await writeFile(file, whole.subarray(0, -40));
  const read = readCredentialCache(file);
  setTimeout(() => void appendFile(file, whole.subarray(-40)), 60);
  await expect(read).resolves.toEqual(cache);
});

// As klist of MIT Kerberos 1.20 reads them, except that it rejects an absolute path with a colon.
test.each([
  ['krb5cc', 'krb5cc'],
  ['C:/krb5cc', 'C:/krb5cc'],
  ['a:b', 'a:b'],
  ['/tmp/krb5cc_1:2', '/tmp/krb5cc_1:2'],
  ['FILE:a:b', 'a:b'],
  ['DIR::/x/tkt1', '/x/tkt1'],
  ['DIR::x/tkt', 'x/tkt'],
])('%s is the file %s', async (name, path) => {
  await expect(credentialCachePath(name)).resolves.toBe(path);
});

test.each(['krb5cc_1000:x', './a:b', ':x', '1:/x', 'KRB5:/x', 'é:/x'])(
  '%s is not a file, because the part before the colon is a type',
  async (name) => {
    await expect(credentialCachePath(name)).rejects.toMatchObject({
      code: 'CREDENTIAL_CACHE_UNSUPPORTED',
      message: expect.stringContaining('a path with a colon is written FILE:<path>'),
    });
  },
);

test.each(['DIR::/x/other', 'DIR::tkt1', 'DIR::/x/tkt/', 'DIR::/'])(
  '%s is not a cache of a collection',
  async (name) => {
    await expect(credentialCachePath(name)).rejects.toMatchObject({
      code: 'CREDENTIAL_CACHE_NOT_FOUND',
      message: expect.stringContaining('names none of a collection'),
    });
  },
);

test.each(['FILE:', 'DIR:', 'DIR::'])('"%s" names no cache', async (name) => {
  await expect(credentialCachePath(name)).rejects.toMatchObject({
    code: 'CREDENTIAL_CACHE_NOT_FOUND',
    message: `The credential cache "${name}" names no place.`,
  });
});
