import { afterEach, expect, test } from 'vitest';
import { kdcServer, type Listening, tcpServer } from '../../../../local/testing/message-servers.ts';
import { krbError, openRequest, proof } from '../../test/acceptor/own-acceptor.ts';
import { methodData, readRequest, reply } from '../../test/kdc/scripted-kdc.ts';
import { configurationFrom } from '../configuration/load-configuration.ts';
import { Key } from '../crypto/key.ts';
import { frame, mechanism, unframe } from '../gss/framing.ts';
import { readKey } from '../messages/encryption-key.ts';
import { privateMessage } from '../messages/private-message.ts';
import { parsePrincipal } from '../principal.ts';
import { changePassword } from './change-password.ts';
import { KdcClient } from './kdc-client.ts';

const running: Listening[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

const client = parsePrincipal('user@HOME');
const password = 'password';
const newPassword = 'Neues Pferd 2';
const changing = parsePrincipal('kadmin/changepw@HOME');

/** What the password server received: the key that the client chose, and the encrypted password. */
interface Asked {
  readonly subkey: Key;
  readonly sealed: Buffer;
}

/**
 * A realm whose KDC issues a ticket for this service, and whose password server proves its identity and adds an answer.
 */
async function changed(service: typeof changing, answer: (asked: Asked) => Buffer) {
  const key = await Key.ofPassword(18, password, Buffer.from('HOMEuser'));
  const sessionKey = Key.random(18);
  let proven = false;
  const kdc = await kdcServer((message) => {
    const { nonce } = readRequest(message);
    if (proven) return reply({ type: 11, client, server: service, nonce, key, usage: 3, sessionKey });
    proven = true;
    return krbError(25, { data: methodData([{ type: 2, value: Buffer.alloc(0) }]) });
  });
  let asked = 0;
  const passwords = await tcpServer((message) => {
    asked += 1;
    const end = 6 + message.readUInt16BE(4);
    const token = frame(mechanism.kerberos, Buffer.concat([Buffer.from([1, 0]), message.subarray(6, end)]));
    const opened = openRequest(token, sessionKey);
    const shown = unframe(proof(sessionKey, opened), mechanism.kerberos).subarray(2);
    const subkey = opened.authenticator.required(6, readKey);
    const rest = answer({ subkey, sealed: message.subarray(end) });
    const head = Buffer.alloc(10);
    head.writeUInt32BE(6 + shown.length + rest.length, 0);
    head.writeUInt16BE(6 + shown.length + rest.length, 4);
    head.writeUInt16BE(1, 6);
    head.writeUInt16BE(shown.length, 8);
    return Buffer.concat([head, shown, rest]);
  });
  running.push(kdc, passwords);
  const servers = `kdc = ${kdc.host}:${kdc.port}\nkpasswd_server = ${passwords.host}:${passwords.port}\n`;
  const configuration = configurationFrom(`[realms]\nHOME = {\n${servers}}\n`);
  const done = changePassword(new KdcClient({ configuration, timeoutMilliseconds: 60_000 }), {
    client,
    password,
    newPassword,
  });
  return { outcome: await done.catch((error: unknown) => error), asked };
}

const result =
  (...octets: number[]) =>
  ({ subkey }: Asked) =>
    privateMessage(Buffer.from(octets), {
      key: subkey,
      clockOffset: 0,
      sequenceNumber: 1,
      localAddress: '127.0.0.1',
    });

test('a server that has proven itself tells whether the password was changed', async () => {
  expect(await changed(changing, result(0, 0))).toEqual({ outcome: undefined, asked: 1 });
  const { outcome } = await changed(changing, result(0, 4));
  expect(outcome).toMatchObject({ code: 'PASSWORD_CHANGE_REFUSED' });
});

test('the new password is not sent with a ticket for another service', async () => {
  const other = parsePrincipal('HTTP/web.example.org@HOME');
  const { outcome, asked } = await changed(other, result(0, 0));
  expect(outcome).toMatchObject({
    code: 'KDC_NOT_AUTHENTIC',
    message: expect.stringContaining('for HTTP/web.example.org@HOME, not for kadmin/changepw@HOME'),
  });
  expect(asked).toBe(0);
});

test('our own message sent back as the answer is refused, and its content is not revealed', async () => {
  const { outcome } = await changed(changing, ({ sealed }) => sealed);
  expect(outcome).toMatchObject({ code: 'KDC_NOT_AUTHENTIC' });
  expect(String(outcome)).not.toContain(newPassword.slice(3));
});
