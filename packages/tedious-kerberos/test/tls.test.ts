import { afterAll, beforeAll, expect, test } from 'vitest';
import { accept, scriptedAuthenticator } from '../../../local/testing/scripted-authenticator.ts';
import { type IssuedCertificate, issueCertificate } from '../../../local/testing/tds-server/certificate.ts';
import {
  type ScriptedServer,
  startScriptedServer,
} from '../../../local/testing/tds-server/scripted-server.ts';
import { type ConnectionConfig, connect, type TlsConfig } from '../src/index.ts';

const endpoint = 'music-db.abcdefghijkl.eu-central-1.rds.amazonaws.com';
let certificate: IssuedCertificate;
let server: ScriptedServer;

beforeAll(async () => {
  certificate = await issueCertificate(endpoint);
  server = await startScriptedServer({ login: accept, tls: certificate });
});
afterAll(() => server.stop());

async function login(tls: TlsConfig, options: ConnectionConfig['options'] = {}) {
  const authenticator = scriptedAuthenticator();
  const connection = await connect({
    server: 'localhost',
    authenticator,
    tls,
    options: { port: server.port, encrypt: 'strict', ...options },
  });
  connection.close();
  return authenticator;
}

test('connects to one name and verifies the certificate for another', async () => {
  const authenticator = await login({ name: endpoint, ca: certificate.ca });
  expect(authenticator.targets[0]?.host).toBe('localhost');
});

test('a certificate for another name is refused before any token is sent', async () => {
  const logins = server.logins.length;
  await expect(login({ ca: certificate.ca })).rejects.toMatchObject({ code: 'TLS_NAME_MISMATCH' });
  expect(server.logins).toHaveLength(logins);
});

test('a certificate of an unknown authority is refused', async () => {
  const other = await issueCertificate(endpoint);
  await expect(login({ name: endpoint })).rejects.toMatchObject({ code: 'TLS_NOT_TRUSTED' });
  await expect(login({ name: endpoint, ca: other.ca })).rejects.toMatchObject({ code: 'TLS_NOT_TRUSTED' });
});

test('an expired certificate is refused', async () => {
  const hour = 3_600_000;
  const now = Date.now();
  const expired = await issueCertificate(endpoint, { notBefore: now - 2 * hour, notAfter: now - hour });
  const old = await startScriptedServer({ login: accept, tls: expired });
  try {
    await expect(login({ name: endpoint, ca: expired.ca }, { port: old.port })).rejects.toMatchObject({
      code: 'TLS_NOT_TRUSTED',
    });
  } finally {
    await old.stop();
  }
});

test('encryption is on by default, and a server without it is refused', async () => {
  const plain = await startScriptedServer({ login: accept });
  try {
    const refused = connect({
      server: 'localhost',
      authenticator: scriptedAuthenticator(),
      options: { port: plain.port },
    });
    await expect(refused).rejects.toMatchObject({ code: 'ENCRYPTION_REFUSED' });
    expect(plain.logins).toEqual([]);
  } finally {
    await plain.stop();
  }
});

test('a server that does not speak TLS and hangs up: the hint says that "encrypt" may be why', async () => {
  const plain = await startScriptedServer({ login: accept });
  try {
    await expect(login({}, { port: plain.port })).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
      step: 'tls',
      hint: expect.stringContaining('"encrypt" may not be as the server expects it'),
    });
  } finally {
    await plain.stop();
  }
});
