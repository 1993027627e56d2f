import fc from 'fast-check';
import { expect, test } from 'vitest';
import { forgedCredential, openInitialToken, proof, response } from '../../test/acceptor/own-acceptor.ts';
import { Key } from '../crypto/key.ts';
import { KerberosError } from '../errors/kerberos-error.ts';
import { mechanism } from './framing.ts';
import { NegotiateInitiator } from './negotiate-initiator.ts';

// The tests create tens of thousands of errors; stack traces would cost time and are not needed.
Error.stackTraceLimit = 0;

const credential = forgedCredential();
const subkey = Key.random(18);

/** The usual length of an answer. A few are one octet shorter because of their microseconds. */
const length = Math.max(
  ...Array.from({ length: 50 }, () => genuineAnswer(new NegotiateInitiator({ credential })).length),
);

function genuineAnswer(login: NegotiateInitiator): Buffer {
  const opened = openInitialToken(login.initialToken(), credential.key);
  const token = proof(credential.key, opened, { subkey, sequenceNumber: 0x12345678 });
  return response({ mechanism: mechanism.kerberos, token });
}

/** Starts a new login for each answer and returns its outcome. */
function answered(change: (genuine: Buffer) => Buffer): 'complete' | 'open' | KerberosError {
  const login = new NegotiateInitiator({ credential });
  const genuine = genuineAnswer(login);
  if (genuine.length !== length) return answered(change);
  try {
    login.nextToken(change(genuine));
    return login.complete ? 'complete' : 'open';
  } catch (error) {
    if (error instanceof KerberosError && !login.complete) return error;
    throw error;
  }
}

test('the genuine answer is accepted', () => {
  expect(answered((genuine) => genuine)).toBe('complete');
});

test('any single octet changed to any other value: encrypted content stays the same, errors are documented ones', () => {
  const accepted: string[] = [];
  const wrong: string[] = [];
  for (let at = 0; at < length; at += 1) {
    for (let difference = 1; difference < 256; difference += 1) {
      let before: Buffer = Buffer.alloc(0);
      const outcome = answered((genuine) => {
        before = genuine;
        const changed = Buffer.from(genuine);
        changed[at] = (changed[at] as number) ^ difference;
        return changed;
      });
      if (outcome === 'complete') accepted.push(before.subarray(at - 4, at + 3).toString('hex') + difference);
      // "incomplete" or "request MIC" instead of "completed": the login continues and is not complete.
      if (outcome === 'open' && (before[at - 2] !== 0x0a || before[at - 1] !== 1))
        wrong.push(`${at}: ${difference}`);
    }
  }
  // 0x86 → 0x82 is Kerberos as misspelt by Windows 2000: the same mechanism.
  expect(accepted).toEqual([`092a864886f712${0x86 ^ 0x82}`]);
  expect(wrong).toEqual([]);
});

test('truncated anywhere, or with octets appended: refused', () => {
  for (let end = 0; end < length; end += 1) {
    expect(answered((genuine) => genuine.subarray(0, end))).toBeInstanceOf(KerberosError);
  }
  expect(answered((genuine) => Buffer.concat([genuine, Buffer.alloc(1)]))).toBeInstanceOf(KerberosError);
});

test('two places changed, or octets inserted or removed: refused with documented errors', () => {
  const place = fc.nat(length - 1);
  const twoPlaces = fc.tuple(place, place).filter(([a, b]) => a !== b);
  fc.assert(
    fc.property(twoPlaces, fc.integer({ min: 1, max: 255 }), fc.nat(4), ([a, b], difference, count) => {
      const changes: ((genuine: Buffer) => Buffer)[] = [
        (genuine) => {
          const changed = Buffer.from(genuine);
          for (const at of [a, b]) changed[at] = (changed[at] as number) ^ difference;
          return changed;
        },
        (genuine) =>
          Buffer.concat([genuine.subarray(0, a), Buffer.alloc(count + 1, difference), genuine.subarray(a)]),
        (genuine) => Buffer.concat([genuine.subarray(0, a), genuine.subarray(a + 1 + count)]),
      ];
      for (const change of changes) expect(answered(change)).not.toBe('complete');
    }),
    { numRuns: 2000 },
  );
});

test('random octets, with or without the start of a genuine answer: documented errors only', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 250 }), fc.nat(length - 1), (octets, kept) => {
      expect(answered(() => Buffer.from(octets))).toBeInstanceOf(KerberosError);
      const outcome = answered((genuine) => {
        const changed = Buffer.concat([genuine.subarray(0, kept), octets]);
        // Chance produces the last octet of the genuine answer now and then.
        return changed.equals(genuine) ? Buffer.from(octets) : changed;
      });
      expect(outcome).not.toBe('complete');
    }),
    { numRuns: 2000 },
  );
});

test('an answer to another login with the same ticket, and a repeated answer: refused', () => {
  let earlier: Buffer = Buffer.alloc(0);
  answered((genuine) => {
    earlier = genuine;
    return genuine;
  });
  expect(answered(() => earlier)).toMatchObject({ code: 'ACCEPTOR_NOT_AUTHENTIC' });
});
