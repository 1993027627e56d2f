import { afterEach, expect, test, vi } from 'vitest';
import { forgedCredential, openInitialToken } from '../../test/acceptor/own-acceptor.ts';
import { Fields, insideApplication, readElement } from '../der/read.ts';
import { readFlags, readInt32, readOctets, readString, structure } from '../der/values.ts';
import { newMoment } from '../messages/ap-request.ts';
import { formatPrincipal, readName } from '../principal.ts';
import { channelBindingHash } from './channel-binding.ts';
import { mechanism, unframe } from './framing.ts';
import { KerberosInitiator } from './kerberos-initiator.ts';
import { NegotiateInitiator } from './negotiate-initiator.ts';

afterEach(() => vi.useRealTimers());

test('the request asks for mutual authentication, in its options and in its checksum', () => {
  const credential = forgedCredential();
  const { token } = new KerberosInitiator({ credential });
  const request = insideApplication(unframe(token, mechanism.kerberos).subarray(2), 14, 'AP-REQ');
  expect(new Fields(request, 'AP-REQ').required(2, readFlags)).toBe(0x20000000);
  const { authenticator } = openInitialToken(
    new NegotiateInitiator({ credential }).initialToken(),
    credential.key,
  );
  const checksum = authenticator.required(
    3,
    structure((fields) => fields),
  );
  expect(checksum.required(0, readInt32)).toBe(0x8003);
  const octets = checksum.required(1, readOctets);
  expect(octets.subarray(0, 20).toString('hex')).toBe(`10000000${'00'.repeat(16)}`);
  expect(octets.readUInt32LE(20)).toBe(0x02 | 0x04 | 0x08 | 0x20);
});

test("the client's name and realm are the octets of the ticket", () => {
  const credential = forgedCredential();
  const { authenticator } = openInitialToken(
    new NegotiateInitiator({ credential }).initialToken(),
    credential.key,
  );
  const client = { realm: authenticator.required(1, readString), name: authenticator.required(2, readName) };
  expect(formatPrincipal(client)).toBe(formatPrincipal(credential.client));
});

test('the list of mechanisms is Kerberos alone, unless more are asked for', () => {
  const credential = forgedCredential();
  const { mechanisms } = openInitialToken(
    new NegotiateInitiator({ credential }).initialToken(),
    credential.key,
  );
  expect(mechanisms.map((found) => found.toString('hex'))).toEqual(['06092a864886f712010202']);
  const offer = [mechanism.kerberosMicrosoft, mechanism.kerberos];
  const both = openInitialToken(new NegotiateInitiator({ credential, offer }).initialToken(), credential.key);
  expect(both.mechanisms.map((found) => found.toString('hex'))).toEqual([
    '06092a864882f712010202',
    '06092a864886f712010202',
  ]);
  expect(readElement(both.list, 'the list').identifier).toBe(0x30);
});

/** Computed with Python: md5(bytes(16) + struct.pack('<I', len(data)) + data). */
test('the hash of a channel binding: addresses of type 0, lengths in little-endian order', () => {
  expect(channelBindingHash(Buffer.from('tls-unique:twelveoctets')).toString('hex')).toBe(
    'd256561d3a3254bff6e4639c69355616',
  );
  expect(channelBindingHash(undefined).equals(Buffer.alloc(16))).toBe(true);
});

test('a thousand requests in one millisecond have distinct times, which follow a clock that is set back', () => {
  vi.useFakeTimers({ now: new Date('2026-06-01T12:00:00.999Z') });
  const first = Array.from({ length: 1000 }, () => newMoment(0));
  expect(new Set(first.map(({ microseconds }) => microseconds)).size).toBe(1000);
  expect(first.every(({ time }) => time.toISOString() === '2026-06-01T12:00:00.000Z')).toBe(true);
  expect(first.every(({ microseconds }) => microseconds >= 999_000 && microseconds < 1_000_000)).toBe(true);
  vi.setSystemTime(new Date('2026-05-01T12:00:00Z'));
  expect(newMoment(0).time.toISOString()).toBe('2026-05-01T12:00:00.000Z');
  expect(newMoment(-1500).time.toISOString()).toBe('2026-05-01T11:59:58.000Z');
});
