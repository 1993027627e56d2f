import { expect, test } from 'vitest';
import {
  acceptorMic,
  forgedCredential,
  krbErrorToken,
  openInitialToken,
  openRequest,
  proof,
  response,
} from '../../test/acceptor/own-acceptor.ts';
import { Key } from '../crypto/key.ts';
import { krbErrors } from '../errors/krb-error-codes.ts';
import { mechanism } from './framing.ts';
import { NegotiateInitiator } from './negotiate-initiator.ts';
import { mechanismList, readNegTokenResp } from './negotiation-tokens.ts';

const ntlm = '1.3.6.1.4.1.311.2.2.10';
const kerberos = mechanism.kerberos;
const INCOMPLETE = 1;
const REJECTED = 2;
const REQUEST_MIC = 3;

/** A login that has sent its token, and what the acceptor needs to answer it. */
function begun(offer?: readonly string[], type = 18) {
  const credential = forgedCredential(type);
  const login = new NegotiateInitiator({ credential, ...(offer ? { offer } : {}) });
  const opened = openInitialToken(login.initialToken(), credential.key);
  return { login, opened, key: credential.key, genuine: () => proof(credential.key, opened) };
}

const failure = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

test.each([17, 18, 19, 20])('a server that proves itself, type %i', (type) => {
  const { login, genuine } = begun(undefined, type);
  expect(login.complete).toBe(false);
  expect(login.nextToken(response({ mechanism: kerberos, token: genuine() }))).toBeUndefined();
  expect(login.complete).toBe(true);
  // Samba confirms the end once more; any other token after the end is refused.
  expect(login.nextToken(response({}))).toBeUndefined();
  expect(login.complete).toBe(true);
  expect(() => login.nextToken(response({ token: genuine() }))).toThrow(
    failure('MESSAGE_MALFORMED', /after the end/),
  );
  expect(login.complete).toBe(false);
});

test('the answer may name Kerberos as Windows 2000 misspelt it', () => {
  const { login, genuine } = begun();
  login.nextToken(response({ mechanism: mechanism.kerberosMicrosoft, token: genuine() }));
  expect(login.complete).toBe(true);
});

test.each([
  ['without any proof', () => undefined, 'ACCEPTOR_NOT_AUTHENTIC', /no proof/],
  [
    'with a proof by another key',
    ({ opened }: ReturnType<typeof begun>) => proof(Key.random(18), opened),
    'ACCEPTOR_NOT_AUTHENTIC',
    /not encrypted/,
  ],
  [
    'with the proof of another login',
    ({ key }: ReturnType<typeof begun>) => proof(key, { time: new Date(0), microseconds: 1 }),
    'ACCEPTOR_NOT_AUTHENTIC',
    /different request/,
  ],
  [
    'with the time right and the microseconds wrong',
    ({ key, opened }: ReturnType<typeof begun>) =>
      proof(key, { ...opened, microseconds: opened.microseconds ^ 1 }),
    'ACCEPTOR_NOT_AUTHENTIC',
    /different request/,
  ],
  [
    'with our own authenticator sent back',
    ({ key, opened }: ReturnType<typeof begun>) => proof(key, opened, { usage: 11 }),
    'ACCEPTOR_NOT_AUTHENTIC',
    /not encrypted/,
  ],
  [
    'with a subkey that is unknown',
    ({ key, opened }: ReturnType<typeof begun>) =>
      proof(key, opened, { subkey: { type: { number: 23 }, octets: Buffer.alloc(16) } as Key }),
    'ENCRYPTION_TYPE_UNSUPPORTED',
    /arcfour/,
  ],
] as const)('refused: a server that says "completed" %s', (_, answer, code, message) => {
  const state = begun();
  const token = answer(state);
  const spoken = response({ mechanism: kerberos, ...(token ? { token } : {}) });
  expect(() => state.login.nextToken(spoken)).toThrow(failure(code, message));
  expect(state.login.complete).toBe(false);
  // A failed login stays failed, even for the right answer.
  expect(() => state.login.nextToken(response({ mechanism: kerberos, token: state.genuine() }))).toThrow();
  expect(state.login.complete).toBe(false);
});

test('refused: the same proof twice', () => {
  const { login, genuine } = begun();
  login.nextToken(response({ state: INCOMPLETE, mechanism: kerberos, token: genuine() }));
  expect(() => login.nextToken(response({ token: genuine() }))).toThrow(
    failure('MESSAGE_MALFORMED', /second proof/),
  );
});

test.each(Object.entries(krbErrors))(
  'KRB-ERROR %s in a refusal is reported with cause and remedy',
  (code, [name, cause]) => {
    const { login } = begun();
    const token = krbErrorToken(Number(code), 'said the\u001b[31m server\n');
    const refusal = (() => {
      try {
        return login.nextToken(response({ state: REJECTED, mechanism: kerberos, token }));
      } catch (error) {
        return error;
      }
    })();
    expect(refusal).toMatchObject({
      code: name,
      report: { code: Number(code), text: 'said the [31m server' },
    });
    expect((refusal as Error).message).toContain(cause);
    expect((refusal as { hint: string }).hint.length).toBeGreaterThan(10);
  },
);

test('a KRB-ERROR counts as a refusal whatever state accompanies it', () => {
  for (const state of [0, INCOMPLETE, REQUEST_MIC]) {
    const { login } = begun();
    const spoken = response({ state, token: krbErrorToken(37) });
    expect(() => login.nextToken(spoken)).toThrow(failure('KRB_AP_ERR_SKEW', /clocks differ/));
  }
});

test('an unknown code is reported as it is', () => {
  const { login } = begun();
  const spoken = response({ state: REJECTED, token: krbErrorToken(4711) });
  expect(() => login.nextToken(spoken)).toThrow(failure('KRB_ERR_UNKNOWN', /error 4711/));
});

test('a refusal without a reason, or with a proof that no longer matters', () => {
  for (const extra of [{}, { token: Buffer.from('x') }, { token: begun().genuine() }]) {
    const { login } = begun();
    expect(() => login.nextToken(response({ state: REJECTED, ...extra }))).toThrow(
      failure('MECHANISM_REFUSED', /without saying why/),
    );
    expect(login.complete).toBe(false);
  }
});

test('refused: a server that chooses a mechanism that was not offered', () => {
  const { login, genuine } = begun();
  const spoken = response({ mechanism: ntlm, token: genuine() });
  expect(() => login.nextToken(spoken)).toThrow(failure('MECHANISM_REFUSED', new RegExp(ntlm)));
});

test('an offer must contain Kerberos', () => {
  expect(() => new NegotiateInitiator({ credential: forgedCredential(), offer: [ntlm] })).toThrow(TypeError);
});

/** The acceptor's MIC with and without its own subkey (RFC 4121, section 4.2.2). */
test.each([
  ['the subkey it chose', true, 0x05],
  ['the session key', false, 0x01],
] as const)('the list of mechanisms is signed in both directions, with %s', (_, withSubkey, flags) => {
  const { login, opened, key } = begun([mechanism.kerberosMicrosoft, kerberos, ntlm]);
  const subkey = withSubkey ? Key.random(18) : undefined;
  const sequenceNumber = 2 ** 32 - 1;
  const token = proof(key, opened, { ...(subkey ? { subkey } : {}), sequenceNumber });
  const mic = acceptorMic(subkey ?? key, opened.list, flags, sequenceNumber);
  const answer = login.nextToken(response({ state: INCOMPLETE, mechanism: kerberos, token, mic }));
  expect(login.complete).toBe(true);
  const ours = answer?.subarray(-28) as Buffer; // the header and checksum are at the end
  expect(ours.subarray(0, 8).toString('hex')).toBe(`0404${withSubkey ? '04' : '00'}ffffffffff`);
  const signed = Buffer.concat([opened.list, ours.subarray(0, 16)]);
  expect((subkey ?? key).verifies(25, signed, ours.subarray(16))).toBe(true);
});

test('a sequence number above 2³¹ is accepted, also when an old server writes it as a negative number', () => {
  const { login, opened, key } = begun();
  const token = proof(key, opened, { sequenceNumber: -2 });
  const mic = acceptorMic(key, opened.list, 1, 2 ** 32 - 2);
  login.nextToken(response({ state: INCOMPLETE, mechanism: kerberos, token, mic }));
  expect(login.complete).toBe(true);
});

test('a server that requests our MIC before it signs', () => {
  for (const state of [REQUEST_MIC, INCOMPLETE]) {
    const { login, opened, key, genuine } = begun();
    const answer = login.nextToken(response({ state, mechanism: kerberos, token: genuine() }));
    expect(answer?.length).toBeGreaterThan(28);
    expect(login.complete).toBe(false);
    expect(login.nextToken(response({ mic: acceptorMic(key, opened.list, 1, 0) }))).toBeUndefined();
    expect(login.complete).toBe(true);
  }
});

test.each([
  ['of another list', (key: Key, list: Buffer) => acceptorMic(key, Buffer.concat([list, list]), 1, 0)],
  ['with another key', (_: Key, list: Buffer) => acceptorMic(Key.random(18), list, 1, 0)],
  ['with another number', (key: Key, list: Buffer) => acceptorMic(key, list, 1, 7)],
  ['with the flag of a subkey that is not there', (key: Key, list: Buffer) => acceptorMic(key, list, 5, 0)],
  ['as if we had made it', (key: Key, list: Buffer) => acceptorMic(key, list, 0, 0)],
  ['cut short', (key: Key, list: Buffer) => acceptorMic(key, list, 1, 0).subarray(0, -1)],
  ['of nothing', () => Buffer.alloc(0)],
])('refused: a MIC %s', (_, make) => {
  const { login, opened, key, genuine } = begun();
  const spoken = response({ mechanism: kerberos, token: genuine(), mic: make(key, opened.list) });
  expect(() => login.nextToken(spoken)).toThrow(failure('ACCEPTOR_NOT_AUTHENTIC', /signed/));
  expect(login.complete).toBe(false);
});

test('with another mechanism preferred, the choice of Kerberos must be signed', () => {
  const credential = forgedCredential();
  const login = new NegotiateInitiator({ credential, offer: [ntlm, kerberos] });
  expect(login.initialToken().includes(credential.ticket)).toBe(false);
  const second = login.nextToken(response({ state: REQUEST_MIC, mechanism: kerberos })) as Buffer;
  expect(second.includes(credential.ticket)).toBe(true);
  expect(() => login.nextToken(response({}))).toThrow(failure('ACCEPTOR_NOT_AUTHENTIC', /no proof/));
});

test('only the first answer needs a state; without one the server is finished when all is proven and signed', () => {
  const state = undefined;
  const first = begun();
  expect(() =>
    first.login.nextToken(response({ state, mechanism: kerberos, token: first.genuine() })),
  ).toThrow(failure('MESSAGE_MALFORMED', /first answer has no state/));
  expect(first.login.complete).toBe(false);

  const proven = begun();
  proven.login.nextToken(response({ state: INCOMPLETE, mechanism: kerberos, token: proven.genuine() }));
  const { key, opened } = proven;
  expect(
    proven.login.nextToken(response({ state, mic: acceptorMic(key, opened.list, 1, 0) })),
  ).toBeUndefined();
  expect(proven.login.complete).toBe(true);
  expect(proven.login.nextToken(response({ state })), 'and confirms it with nothing').toBeUndefined();
  expect(proven.login.complete).toBe(true);
});

test('a missing state proves nothing', () => {
  const state = undefined;
  const wrong = begun();
  wrong.login.nextToken(response({ state: INCOMPLETE, mechanism: kerberos, token: wrong.genuine() }));
  const mic = acceptorMic(Key.random(18), wrong.opened.list, 1, 0);
  expect(() => wrong.login.nextToken(response({ state, mic }))).toThrow(
    failure('ACCEPTOR_NOT_AUTHENTIC', /signed/),
  );
  // Kerberos was not preferred, so both the proof and the signed list are needed.
  const answered = (answer: (login: ReturnType<typeof talkedDown>) => Buffer) => {
    const talk = talkedDown();
    const next = talk.login.nextToken(answer(talk));
    return { ...talk, next };
  };
  expect(() => answered(() => response({ state }))).toThrow(failure('ACCEPTOR_NOT_AUTHENTIC', /no proof/));
  const { login, next, opened, key } = answered(({ proofOf }) => response({ state, token: proofOf() }));
  expect(next?.length, 'our signature').toBeGreaterThan(28);
  expect(login.complete).toBe(false);
  const again = answered(({ proofOf }) => response({ state, token: proofOf() }));
  expect(() => again.login.nextToken(response({ state })), 'nor is the end without one').toThrow(
    failure('ACCEPTOR_NOT_AUTHENTIC', /did not sign/),
  );
  login.nextToken(response({ state, mic: acceptorMic(key, opened.list, 1, 0) }));
  expect(login.complete).toBe(true);
});

/** A login that prefers NTLM, was told to use Kerberos, and has sent its Kerberos token. */
function talkedDown() {
  const credential = forgedCredential();
  const login = new NegotiateInitiator({ credential, offer: [ntlm, kerberos] });
  login.initialToken();
  const sent = login.nextToken(response({ state: REQUEST_MIC, mechanism: kerberos })) as Buffer;
  const request = openRequest(readNegTokenResp(sent).token as Buffer, credential.key);
  const opened = { ...request, list: mechanismList([ntlm, kerberos]) };
  return { login, opened, key: credential.key, proofOf: () => proof(credential.key, opened) };
}

test('a server may not ask for a signature again and again', () => {
  const { login, genuine } = begun();
  login.nextToken(response({ state: INCOMPLETE, token: genuine() }));
  expect(() => login.nextToken(response({ state: INCOMPLETE }))).toThrow(
    failure('MESSAGE_MALFORMED', /twice/),
  );
});

test('an expired ticket and a postdated one are not sent', () => {
  const ended = forgedCredential(18, { endsAt: new Date(Date.now() - 1) });
  expect(() => new NegotiateInitiator({ credential: ended })).toThrow(
    failure('TICKET_EXPIRED', /ended at 20/),
  );
  const later = forgedCredential(18, { startsAt: new Date(Date.now() + 600_000) });
  expect(() => new NegotiateInitiator({ credential: later })).toThrow(
    failure('TICKET_NOT_YET_VALID', /begins at 20/),
  );
});
