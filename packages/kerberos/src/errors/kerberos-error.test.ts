import { expect, test } from 'vitest';
import { forgedCredential, krbErrorToken, response } from '../../test/acceptor/own-acceptor.ts';
import * as der from '../der/write.ts';
import { frame } from '../gss/framing.ts';
import { NegotiateInitiator } from '../gss/negotiate-initiator.ts';
import { readKrbError } from '../messages/krb-error.ts';
import { messageType } from '../messages/message-type.ts';
import { parsePrincipal } from '../principal.ts';
import { KerberosError } from './kerberos-error.ts';

const steering = '\u001b[2J\u0000\r\n\u202eRealm\u2028\u009b31m\ud800';

function errorOf(act: () => unknown): KerberosError {
  try {
    act();
  } catch (error) {
    if (error instanceof KerberosError) return error;
    throw error;
  }
  throw new Error('Nothing is wrong.');
}

test.each([
  ['a client', () => new NegotiateInitiator({ credential: ended({ client: named(steering) }) })],
  ['a service', () => new NegotiateInitiator({ credential: ended({ server: named(steering) }) })],
  ['a text that is no name', () => parsePrincipal(`a@${steering}@`)],
  ['an answer', () => nextToken(krbErrorToken(7, steering))],
])('what steers a terminal, in the name of %s, is written as an escape, in one line', (_, act) => {
  const { message } = errorOf(act);
  expect(message).toContain('Realm');
  expect(message).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
});

test('control characters in a KRB-ERROR are removed', () => {
  const fields = der.fields({
    0: der.integer(5),
    1: der.integer(messageType.error),
    4: der.kerberosTime(new Date()),
    5: der.integer(0),
    6: der.integer(7),
    9: der.generalString(steering),
    10: der.fields({ 0: der.integer(1), 1: der.sequenceOf([der.generalString(steering)]) }),
    11: der.generalString(steering),
  });
  const { realm, server, text } = readKrbError(der.application(messageType.error, fields));
  for (const told of [realm, server, text]) {
    expect(told).toContain('Realm');
    expect(told).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  }
});

test("a message stays short, however long the other side's names are", () => {
  const long = `1.3${'.6'.repeat(50_000)}`;
  const token = frame(long, Buffer.alloc(2));
  expect(errorOf(() => nextToken(token)).message.length).toBeLessThan(2100);
});

const named = (name: string) => parsePrincipal(`${name.replaceAll(/[\n\0]/g, '')}@REALM`);
const ended = (more: Partial<ReturnType<typeof forgedCredential>>) =>
  forgedCredential(18, { ...more, endsAt: new Date(0) });
const nextToken = (token: Buffer) =>
  new NegotiateInitiator({ credential: forgedCredential() }).nextToken(response({ token }));
