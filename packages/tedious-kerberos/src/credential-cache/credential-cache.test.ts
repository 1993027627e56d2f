import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { credentialCacheFile } from './credential-cache-file.ts';
import { readCredentialCache } from './read-credential-cache.ts';

let directory: string;
let file: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'credential-cache-'));
  file = join(directory, 'krbcache');
});
afterAll(() => rm(directory, { recursive: true }));

const uint32 = (value: number) => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value]);
const data = (text: string) => Buffer.concat([uint32(text.length), Buffer.from(text)]);
const principal = (...components: string[]) =>
  Buffer.concat([uint32(1), uint32(components.length), data('CORP.EXAMPLE.COM'), ...components.map(data)]);
const version4 = Buffer.from([5, 4, 0, 12, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0]);

function credential(startsAt: number, endsAt: number, ...server: string[]): Buffer {
  const key = Buffer.concat([Buffer.from([0, 18]), data('k'.repeat(32))]);
  const times = [startsAt, 0, endsAt, 0].map(uint32);
  const rest = [Buffer.alloc(5), uint32(1), Buffer.from([0, 2]), data('1234'), uint32(0)];
  const ticket = [data('ticket'), data('')];
  return Buffer.concat([principal('db-user'), principal(...server), key, ...times, ...rest, ...ticket]);
}

const cache = Buffer.concat([
  version4,
  principal('db-user'),
  credential(1000, 2000, 'krbtgt', 'CORP.EXAMPLE.COM'),
  credential(1000, 1500, 'MSSQLSvc', 'music-db.corp.example.com:1433'),
]);

test('names and times of the tickets are read', async () => {
  await writeFile(file, cache);
  expect(await readCredentialCache(file)).toEqual({
    principal: 'db-user@CORP.EXAMPLE.COM',
    tickets: [
      {
        server: 'krbtgt/CORP.EXAMPLE.COM@CORP.EXAMPLE.COM',
        startsAt: new Date(1_000_000),
        endsAt: new Date(2_000_000),
        encryptionType: 18,
      },
      {
        server: 'MSSQLSvc/music-db.corp.example.com:1433@CORP.EXAMPLE.COM',
        startsAt: new Date(1_000_000),
        endsAt: new Date(1_500_000),
        encryptionType: 18,
      },
    ],
  });
});

test('anything else causes an error, without waiting', async () => {
  const bytes = fc.uint8Array({ maxLength: 300 }).map((content) => Buffer.from(content));
  const cut = fc.nat(cache.length - 1).map((end) => cache.subarray(0, end));
  const changed = fc.tuple(fc.nat(cache.length - 1), fc.nat(255)).map(([at, value]) => {
    const copy = Buffer.from(cache);
    copy[at] = value;
    return copy;
  });
  await fc.assert(
    fc.asyncProperty(fc.oneof(bytes, cut, changed), async (content) => {
      await writeFile(file, content);
      const outcome = await readCredentialCache(file).catch((error: unknown) => error);
      if (outcome instanceof Error) expect(outcome.message).toBe(`${file} is not a credential cache.`);
      else expect(outcome).toHaveProperty('tickets');
    }),
  );
});

test.each([
  ['FILE:/var/scratch/krbcache', '/var/scratch/krbcache'],
  ['/var/scratch/krbcache', '/var/scratch/krbcache'],
  ['', undefined],
  ['KCM:', undefined],
  ['KEYRING:persistent:0', undefined],
  ['DIR:/run/user/1000/krb5cc', undefined],
])('KRB5CCNAME=%s is the file %s', (name, expected) => {
  expect(credentialCacheFile({ KRB5CCNAME: name })).toBe(expected);
});

test('without KRB5CCNAME, it is the default file of MIT Kerberos for this user', () => {
  expect(credentialCacheFile({})).toBe(`/tmp/krb5cc_${process.getuid?.()}`);
});
