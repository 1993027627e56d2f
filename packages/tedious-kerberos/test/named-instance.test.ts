import { createSocket, type Socket } from 'node:dgram';
import { afterEach, expect, test } from 'vitest';
import { accept, scriptedAuthenticator } from '../../../local/testing/scripted-authenticator.ts';
import {
  type ScriptedServer,
  startScriptedServer,
} from '../../../local/testing/tds-server/scripted-server.ts';
import { connect } from '../src/index.ts';

let browser: Socket;
let server: ScriptedServer;
afterEach(async () => {
  browser.close();
  await server.stop();
});

/** SQL Server Browser ([MC-SQLR]) on an address that only this test uses, because its port is always 1434. */
async function startBrowser(port: () => number): Promise<string> {
  const address = `127.83.${process.pid % 250}.${1 + Math.floor(Math.random() * 250)}`;
  browser = createSocket('udp4');
  browser.on('message', (_, client) => {
    const text = `ServerName;DB;InstanceName;MUSIC;IsClustered;No;Version;16.0.0.0;tcp;${port()};;`;
    const answer = Buffer.concat([Buffer.from([5, text.length, 0]), Buffer.from(text)]);
    browser.send(answer, client.port, client.address);
  });
  await new Promise<void>((resolve) => browser.bind(1434, address, resolve));
  return address;
}

function login(address: string, instanceName: string) {
  const authenticator = scriptedAuthenticator();
  const connection = connect({
    server: address,
    authenticator,
    options: { instanceName, encrypt: false, connectTimeout: 60_000 },
  });
  return { authenticator, connection };
}

test('the target has the port that SQL Server Browser reports', async () => {
  const address = await startBrowser(() => server.port);
  server = await startScriptedServer({ login: accept, address });
  const { authenticator, connection } = login(address, 'music');
  (await connection).close();
  expect(authenticator.targets).toEqual([{ host: address, port: server.port }]);
});

test('an instance that SQL Server Browser does not know', async () => {
  const address = await startBrowser(() => server.port);
  server = await startScriptedServer({ login: accept, address });
  const { authenticator, connection } = login(address, 'other');
  await expect(connection).rejects.toMatchObject({ code: 'INSTANCE_NOT_FOUND', step: 'connect' });
  expect(authenticator.begun).toBe(0);
});

test('a silent SQL Server Browser is reported as such, within a part of the time limit', async () => {
  const address = await startBrowser(() => server.port);
  browser.removeAllListeners('message');
  server = await startScriptedServer({ login: accept, address });
  const { authenticator, connection } = login(address, 'music');
  await expect(connection).rejects.toMatchObject({
    code: 'INSTANCE_NOT_FOUND',
    step: 'connect',
    hint: expect.stringContaining('UDP 1434'),
  });
  expect(authenticator.begun).toBe(0);
});

test('a host that does not resolve is not reported as a missing instance', async () => {
  const address = await startBrowser(() => server.port);
  server = await startScriptedServer({ login: accept, address });
  const { connection } = login('nothing.invalid', 'music');
  await expect(connection).rejects.toMatchObject({ code: 'HOST_NOT_FOUND', step: 'connect' });
});

test('a caller that cancels while waiting for SQL Server Browser', async () => {
  const address = await startBrowser(() => server.port);
  browser.removeAllListeners('message');
  server = await startScriptedServer({ login: accept, address });
  const controller = new AbortController();
  browser.once('message', () => controller.abort());
  const options = { instanceName: 'music', encrypt: false };
  const authenticator = scriptedAuthenticator();
  await expect(
    connect({ server: address, authenticator, options }, { signal: controller.signal }),
  ).rejects.toMatchObject({ code: 'CANCELED', step: 'connect' });
});
