import { afterEach, expect, test } from 'vitest';
import { accept, proof, scriptedAuthenticator } from '../../../local/testing/scripted-authenticator.ts';
import {
  type ScriptedServer,
  startScriptedServer,
} from '../../../local/testing/tds-server/scripted-server.ts';
import { done, loginAck, routing, sspi } from '../../../local/testing/tds-server/tokens.ts';
import { type LoginTarget, servicePrincipalName } from '../src/index.ts';
import { type ScriptedLogin, scriptedLogin } from './scripted-login.ts';

let gateway: ScriptedLogin;
let destination: ScriptedServer;
afterEach(async () => {
  expect(gateway.authenticator.disposed).toBe(gateway.authenticator.begun);
  await gateway.server.stop();
  await destination.stop();
});

test('after routing there is a new session, for the host and port routed to', async () => {
  destination = await startScriptedServer({ login: accept });
  gateway = await scriptedLogin({
    login: (client) => client.send([sspi(proof), loginAck(), routing('localhost', destination.port), done()]),
  });
  const connection = await gateway.connect();
  const { targets, begun } = gateway.authenticator;
  expect(begun).toBe(2);
  expect(targets).toEqual([
    { host: '127.0.0.1', port: gateway.server.port },
    { host: 'localhost', port: destination.port },
  ]);
  expect(servicePrincipalName(targets[1] as LoginTarget)).toBe(`MSSQLSvc/localhost:${destination.port}`);
  expect(destination.logins[0]?.serverName).toBe('localhost');
  connection.close();
});

test('a named instance in the routing is passed to the server, and is not part of the host', async () => {
  destination = await startScriptedServer({ login: accept });
  gateway = await scriptedLogin({
    login: (client) =>
      client.send([sspi(proof), loginAck(), routing('localhost\\music', destination.port), done()]),
  });
  (await gateway.connect()).close();
  expect(gateway.authenticator.targets[1]?.host).toBe('localhost');
  expect(destination.logins[0]?.serverName).toBe('localhost\\music');
});

test('a server that has not proven its identity cannot route us', async () => {
  destination = await startScriptedServer({ login: accept });
  gateway = await scriptedLogin({
    login: (client) => client.send([loginAck(), routing('localhost', destination.port), done()]),
  });
  expect(await gateway.failure()).toMatchObject({ code: 'SERVER_NOT_AUTHENTIC', host: '127.0.0.1' });
  expect(destination.logins).toEqual([]);
});

test('an error at the host routed to names that host', async () => {
  destination = await startScriptedServer({ login: (client) => client.send([loginAck(), done()]) });
  gateway = await scriptedLogin({
    authenticator: scriptedAuthenticator(),
    login: (client) => client.send([sspi(proof), loginAck(), routing('localhost', destination.port), done()]),
  });
  expect(await gateway.failure()).toMatchObject({
    code: 'SERVER_NOT_AUTHENTIC',
    host: 'localhost',
    port: destination.port,
  });
});
