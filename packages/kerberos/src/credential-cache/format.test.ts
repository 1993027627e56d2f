import fc from 'fast-check';
import { expect, test } from 'vitest';
import { forgedCredential } from '../../test/acceptor/own-acceptor.ts';
import { KerberosError } from '../errors/kerberos-error.ts';
import { parsePrincipal } from '../principal.ts';
import { type CachedCredential, type CredentialCache, cacheable, usable } from './credential-cache.ts';
import { formatCredentialCache, parseCredentialCache } from './format.ts';

const octets = fc.uint8Array({ maxLength: 40 }).map((found) => Buffer.from(found));
const uint32 = fc.nat(2 ** 32 - 1);
const time = fc.integer({ min: 1, max: 2 ** 32 - 1 }).map((seconds) => new Date(seconds * 1000));
const principal = fc.record({
  realm: octets,
  name: fc.record({
    type: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    parts: fc.array(octets, { maxLength: 4 }),
  }),
});
const typedOctets = fc.array(fc.record({ type: fc.nat(65_535), octets }), { maxLength: 3 });
const credential: fc.Arbitrary<CachedCredential> = fc.record({
  client: principal,
  server: principal,
  keyType: fc.nat(65_535),
  key: octets,
  authenticatedAt: time,
  startsAt: time,
  endsAt: time,
  renewableUntil: fc.option(time, { nil: undefined }),
  isSessionKey: fc.boolean(),
  flags: uint32,
  addresses: typedOctets,
  authorizationData: typedOctets,
  ticket: octets,
  secondTicket: octets,
});
const cache: fc.Arbitrary<CredentialCache> = fc.record({
  principal,
  credentials: fc.array(credential, { maxLength: 4 }),
  clockOffset: fc.integer({ min: -1e9, max: 1e9 }),
});

test('version 4 is read back as written', () => {
  fc.assert(
    fc.property(cache, (written) => {
      expect(parseCredentialCache(formatCredentialCache(written))).toEqual(written);
    }),
  );
});

test('version 3 is read back as written, except for the clock offset', () => {
  fc.assert(
    fc.property(cache, (written) => {
      const read = parseCredentialCache(formatCredentialCache(written, 3));
      expect(read).toEqual({ ...written, clockOffset: 0 });
    }),
  );
});

test('a ticket that ends after the last second of the format ends then, not in 1970', () => {
  const endless = cacheable(forgedCredential(18, { endsAt: new Date('9999-12-31T23:59:59Z') }));
  const { credentials } = parseCredentialCache(
    formatCredentialCache({ principal: endless.client, credentials: [endless], clockOffset: 0 }),
  );
  expect(credentials[0]?.endsAt).toEqual(new Date((2 ** 32 - 1) * 1000));
});

test('a ticket that ended before 1970 does not wrap into the next century', () => {
  const client = parsePrincipal('db-user@CORP.EXAMPLE.COM');
  const ended = { ...cacheable(forgedCredential()), authenticatedAt: new Date(0), endsAt: new Date(-1000) };
  const written = formatCredentialCache({ principal: client, credentials: [ended], clockOffset: 0 });
  expect(parseCredentialCache(written).credentials[0]?.endsAt).toEqual(new Date(0));
});

test('values that the format cannot hold are refused', () => {
  const write = (changes: object, version?: number) =>
    formatCredentialCache(
      { principal: parsePrincipal('u@R'), credentials: [], clockOffset: 0, ...changes },
      version as never,
    );
  for (const version of [0, 1, 2, 5]) expect(() => write({}, version)).toThrow(/must be 3 or 4, not/);
  for (const clockOffset of [Number.NaN, Number.POSITIVE_INFINITY, -(2 ** 31) * 1000])
    expect(() => write({ clockOffset })).toThrow(/"clockOffset" must be/);
  const ticket = { ...cacheable(forgedCredential()), endsAt: new Date(Number.NaN) };
  expect(() => write({ credentials: [ticket] })).toThrow(RangeError);
});

test('a cache that ends in the middle of a ticket is refused, wherever it was cut', () => {
  const one = cacheable(forgedCredential());
  const header = formatCredentialCache({ principal: one.client, credentials: [], clockOffset: 1000 });
  const whole = formatCredentialCache({ principal: one.client, credentials: [one], clockOffset: 1000 });
  for (let end = 0; end < whole.length; end += 1) {
    if (end === header.length) continue; // a cache without tickets is valid
    expect(() => parseCredentialCache(whole.subarray(0, end))).toThrow(
      expect.objectContaining({ code: 'CREDENTIAL_CACHE_MALFORMED' }),
    );
  }
});

test('random octets cause only the documented errors', () => {
  const begin = fc.constantFrom('', '0503', '05040000', '0504000c00010008');
  fc.assert(
    fc.property(begin, fc.uint8Array({ maxLength: 300 }), (head, rest) => {
      try {
        parseCredentialCache(Buffer.concat([Buffer.from(head, 'hex'), rest]));
      } catch (error) {
        expect(error).toBeInstanceOf(KerberosError);
      }
    }),
    { numRuns: 3000 },
  );
});

test('versions 1 and 2, which depend on the machine, are refused by name', () => {
  for (const version of [1, 2]) {
    expect(() => parseCredentialCache(Buffer.from([5, version, 0, 0, 0, 1]))).toThrow(
      expect.objectContaining({
        code: 'CREDENTIAL_CACHE_UNSUPPORTED',
        message: expect.stringContaining(`version ${version}`),
      }),
    );
  }
});

test('entries that MIT Kerberos keeps for itself or has removed are not tickets', () => {
  const one = cacheable(forgedCredential());
  const note = { ...one, server: parsePrincipal('krb5_ccache_conf_data/pa_type@X-CACHECONF:') };
  const old = { ...note, server: parsePrincipal('krb5_ccache_conf_data/pa_type@X-RMED-CONF:') };
  const removed = { ...one, endsAt: new Date(0), authenticatedAt: new Date(0xffffffff * 1000) };
  const credentials = [note, old, removed, one];
  const content = formatCredentialCache({ principal: one.client, credentials, clockOffset: 0 });
  expect(parseCredentialCache(content).credentials).toEqual([one]);
});

test('a ticket with a key of an unknown type can be read, but not used', () => {
  const one = { ...cacheable(forgedCredential()), keyType: 23, key: Buffer.alloc(16) };
  const content = formatCredentialCache({ principal: one.client, credentials: [one], clockOffset: 0 });
  const [read] = parseCredentialCache(content).credentials;
  expect(read?.keyType).toBe(23);
  expect(() => usable(read as CachedCredential)).toThrow(
    expect.objectContaining({ code: 'ENCRYPTION_TYPE_UNSUPPORTED' }),
  );
});

test('a name with far too many parts is not read to its end', () => {
  const named = (count: number) => {
    const parts = Array.from({ length: count }, () => Buffer.from('a'));
    const principal = { realm: Buffer.from('R'), name: { type: 1, parts } };
    return formatCredentialCache({ principal, credentials: [], clockOffset: 0 });
  };
  expect(parseCredentialCache(named(1000)).principal.name.parts).toHaveLength(1000);
  expect(() => parseCredentialCache(named(1001))).toThrow(
    expect.objectContaining({ code: 'CREDENTIAL_CACHE_MALFORMED' }),
  );
});
