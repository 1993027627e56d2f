import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { proof, scriptedAuthenticator } from '../../../local/testing/scripted-authenticator.ts';
import { messageType } from '../../../local/testing/tds-server/conversation.ts';
import {
  type LoginScript,
  type ScriptedServer,
  startScriptedServer,
} from '../../../local/testing/tds-server/scripted-server.ts';
import { done, loginAck, sspi } from '../../../local/testing/tds-server/tokens.ts';
import { connect } from '../src/index.ts';

let server: ScriptedServer;
afterEach(() => server.stop());

async function login(script: LoginScript, authenticator = scriptedAuthenticator()) {
  server = await startScriptedServer({ login: script });
  const connection = await connect({
    server: '127.0.0.1',
    authenticator,
    options: { port: server.port, encrypt: false, database: 'Music' },
  });
  connection.close();
  return authenticator;
}

const accept: LoginScript = (client) => client.send([sspi(proof), loginAck(), done()]);

describe('LOGIN7', () => {
  test('carries the token and neither user name nor password', async () => {
    await login(accept);
    expect(server.logins[0]).toMatchObject({
      integratedSecurity: true,
      userName: '',
      passwordLength: 0,
      serverName: '127.0.0.1',
      database: 'Music',
      sspi: Buffer.from('initial'),
    });
  });

  test.each([1, 4096, 12_000, 65_534, 65_535, 65_536, 100_000])(
    'carries a token of %i bytes, in as many packets as it needs',
    async (size) => {
      const token = randomBytes(size);
      await login(accept, scriptedAuthenticator({ initialToken: () => token }));
      expect(server.logins[0]?.sspi.equals(token)).toBe(true);
      expect(server.logins[0]?.featureExtension.at(-1)).toBe(0xff);
      expect(server.logins[0]?.packets).toBeGreaterThanOrEqual(Math.ceil(size / 4088));
    },
  );
});

describe('the tokens from the server', () => {
  test.each([1, 2, 7, 8, 11, 47, 48, 500, 65_535])(
    'one of %i bytes reaches the authenticator whole',
    async (size) => {
      const token = randomBytes(size);
      const authenticator = await login(
        (client) => client.send([sspi(token), loginAck(), done()]),
        scriptedAuthenticator({ proof: token }),
      );
      expect(authenticator.serverTokens.map((bytes) => bytes.equals(token))).toEqual([true]);
    },
  );

  test('may be split into packets anywhere, even within the length field', async () => {
    const token = randomBytes(300);
    const authenticator = await login(
      (client) => client.send([sspi(token), loginAck(), done()], { packetData: 1 }),
      scriptedAuthenticator({ proof: token }),
    );
    expect(authenticator.serverTokens[0]?.equals(token)).toBe(true);
  });

  test('the last may come in a separate message, which is not answered', async () => {
    const between: (number | undefined)[] = [];
    await login(async (client) => {
      client.send([sspi(proof)]);
      client.send([loginAck(), done()]);
      between.push((await client.read())?.type);
      client.send([done()]);
    });
    expect(between).toEqual([messageType.batch]);
  });

  test('each leg is answered in an SSPI message, however many there are', async () => {
    const legs = Array.from({ length: 9 }, (_, index) => randomBytes(10 + index * 1000));
    const received: Buffer[] = [];
    const authenticator = await login(
      async (client) => {
        for (const leg of legs) {
          client.send([sspi(leg)]);
          const message = await client.read();
          expect(message?.type).toBe(messageType.sspi);
          if (message) received.push(message.body);
        }
        client.send([sspi(proof), loginAck(), done()]);
      },
      scriptedAuthenticator({ answers: legs }),
    );
    expect(received).toEqual(legs);
    expect(authenticator.serverTokens).toEqual([...legs, proof]);
  });

  test('an NTLM challenge goes to the authenticator, like any token, and gets no NTLM answer', async () => {
    const challenge = Buffer.concat([Buffer.from('NTLMSSP\0\x02\0\0\0', 'latin1'), Buffer.alloc(60)]);
    const authenticator = await login(async (client) => {
      client.send([sspi(challenge)]);
      client.send([sspi(proof), loginAck(), done()]);
    });
    expect(authenticator.serverTokens).toEqual([challenge, proof]);
  });
});
