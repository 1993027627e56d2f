import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  accept,
  proof,
  type ScriptedAuthenticator,
  scriptedAuthenticator,
} from '../../../local/testing/scripted-authenticator.ts';
import {
  type LoginScript,
  type ScriptedServer,
  startScriptedServer,
} from '../../../local/testing/tds-server/scripted-server.ts';
import { done, error, loginAck, routing, sspi } from '../../../local/testing/tds-server/tokens.ts';
import { type PatchedTedious, patchedTedious } from './patched-tedious.ts';

let patched: PatchedTedious;
beforeAll(async () => {
  patched = await patchedTedious(new URL('../../../docs/upstream/authenticator.patch', import.meta.url));
});
afterAll(() => patched?.dispose());

const servers: ScriptedServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())));
async function start(login: LoginScript): Promise<ScriptedServer> {
  const server = await startScriptedServer({ login });
  servers.push(server);
  return server;
}

/** Logs in with the patched tedious, as an application would. */
async function connect(server: ScriptedServer, authentication: object): Promise<Error | undefined> {
  const options = { port: server.port, encrypt: false, connectionRetryInterval: 10 };
  const connection = new patched.tedious.Connection({
    ...{ server: '127.0.0.1', options, authentication: authentication as never },
  });
  const failure = await new Promise<Error | undefined>((resolve) => connection.connect(resolve));
  connection.close();
  return failure;
}
const by = (authenticator: ScriptedAuthenticator) => ({
  type: 'authenticator',
  options: { authenticator },
});

test('the patch applies to the pinned tedious, and an authenticator of this package logs in with it', async () => {
  const server = await start(accept);
  const authenticator = scriptedAuthenticator();
  expect(await connect(server, by(authenticator))).toBeUndefined();
  expect(authenticator.targets).toEqual([{ host: '127.0.0.1', port: server.port }]);
  expect(server.logins[0]).toMatchObject({ integratedSecurity: true, userName: '', passwordLength: 0 });
  expect(server.logins[0]?.sspi.toString()).toBe('initial');
  expect(authenticator.disposed).toBe(1);
});

test.each([1, 12_000, 65_535, 65_536, 100_000])('a token of %i octets arrives whole', async (length) => {
  const server = await start(accept);
  const token = Buffer.alloc(length, 'token');
  expect(await connect(server, by(scriptedAuthenticator({ initialToken: () => token })))).toBeUndefined();
  expect(server.logins[0]?.sspi.equals(token)).toBe(true);
  expect(server.logins[0]?.featureExtension.at(-1)).toBe(0xff);
});

test('several legs, with tokens shorter than an NTLM challenge', async () => {
  const answers: Buffer[] = [];
  const server = await start(async (client) => {
    client.send([sspi(Buffer.from('1'))]);
    answers.push((await client.read())?.body ?? Buffer.alloc(0));
    client.send([sspi(proof), loginAck(), done()]);
  });
  const authenticator = scriptedAuthenticator({ answers: [Buffer.from('answer')] });
  expect(await connect(server, by(authenticator))).toBeUndefined();
  expect(answers.map(String)).toEqual(['answer']);
});

test('after routing there is a new session, for the host and port routed to', async () => {
  const destination = await start(accept);
  const gateway = await start((client) =>
    client.send([sspi(proof), loginAck(), routing('localhost', destination.port), done()]),
  );
  const authenticator = scriptedAuthenticator();
  expect(await connect(gateway, by(authenticator))).toBeUndefined();
  expect(authenticator.targets.at(-1)).toEqual({ host: 'localhost', port: destination.port });
  expect(authenticator.disposed).toBe(2);
});

test('a server that does not prove its identity is refused', async () => {
  const server = await start((client) => client.send([loginAck(), done()]));
  expect(await connect(server, by(scriptedAuthenticator()))).toMatchObject({ code: 'ELOGIN' });
});

test("a refusal is reported with the server's message", async () => {
  const server = await start((client) => client.send([error(18456, 1, 'Login failed.'), done(2)]));
  const authenticator = scriptedAuthenticator();
  expect(await connect(server, by(authenticator))).toMatchObject({
    code: 'ELOGIN',
    message: 'Login failed.',
  });
  expect(authenticator.disposed).toBe(1);
});

test('logging in with a password still works, and an invalid authenticator is rejected', async () => {
  const server = await start((client) => client.send([loginAck(), done()]));
  const options = { userName: 'sa', password: 'secret' };
  expect(await connect(server, { type: 'default', options })).toBeUndefined();
  expect(server.logins[0]).toMatchObject({ integratedSecurity: false, userName: 'sa', passwordLength: 6 });
  await expect(connect(server, { type: 'authenticator' })).rejects.toThrow(/must be an Authenticator/);
});
