import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { sqlLoginPins } from '@packages/contracts';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type SecretsManager, startSecretsManager } from '../../../local/secrets-manager/index.ts';
import {
  bundle,
  bundledHandler,
  type ProvisioningHandler,
} from '../../../local/testing/provisioning-bundle.ts';
import { admin, startTestServer, type TestServer } from './database-server.ts';
import {
  createMemoryDomain,
  type DirectoryService,
  directoryId,
  startDirectoryService,
} from './directory-service.ts';

const folder = mkdtempSync(join(tmpdir(), 'bundles-'));
const domain = createMemoryDomain();
let manager: SecretsManager;
let service: DirectoryService;
let sqlServer: TestServer;
const answers: Record<string, string>[] = [];
const cloudFormation = createServer(async (request, response) => {
  answers.push((await json(request)) as Record<string, string>);
  response.end();
});

beforeAll(async () => {
  manager = await startSecretsManager();
  service = await startDirectoryService({ domain });
  sqlServer = await startTestServer();
  await new Promise<void>((resolve) => cloudFormation.listen(0, '127.0.0.1', resolve));
  const environment = {
    ...manager.environment,
    AWS_ENDPOINT_URL_DIRECTORY_SERVICE: service.endpoint,
    AWS_ENDPOINT_URL_DIRECTORY_SERVICE_DATA: service.endpoint,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  cloudFormation.close();
  await sqlServer?.stop();
  await service?.stop();
  await manager?.stop();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  answers.length = 0;
  for (const method of ['log', 'error'] as const) vi.spyOn(console, method).mockImplementation(() => {});
  return () => vi.restoreAllMocks();
});

const unsaid = { Adopt: 'false', ExtraRoles: '', Script: '', Authorities: '', Existing: 'false' };

async function call(
  handler: ProvisioningHandler,
  properties: Record<string, string | readonly string[]>,
  { type = 'Create', pinned = {} }: { readonly type?: string; readonly pinned?: Record<string, string> } = {},
) {
  vi.stubEnv('PINNED', JSON.stringify({ ...unsaid, TlsName: properties.Host, ...properties, ...pinned }));
  const run = await bundledHandler(folder, handler);
  const event = {
    RequestType: type,
    ResponseURL: `http://127.0.0.1:${(cloudFormation.address() as AddressInfo).port}/`,
    StackId: 'arn:aws:cloudformation:eu-central-1:222222222222:stack/db/0123',
    RequestId: 'request',
    LogicalResourceId: 'Resource',
    ResourceProperties: properties,
    ...(type === 'Delete' && { PhysicalResourceId: 'id' }),
  };
  await run(event, { getRemainingTimeInMillis: () => 60_000, logStreamName: 'stream' });
  return answers.at(-1);
}

// A function with less code starts faster; the largest part of each is the AWS SDK or tedious.
test.each([
  ['directory-user', 800_000],
  ['directory-user-rotation', 900_000],
  ['own-password-rotation', 900_000],
  ['sql-database', 2_000_000],
  ['sql-login', 2_000_000],
] as const)('the code of %s is less than %d octets', (handler, limit) => {
  expect(statSync(bundle(folder, handler)).size).toBeLessThan(limit);
});

test('the bundled function makes, keeps and deletes a directory user', async () => {
  const created = await new SecretsManagerClient(manager.client).send(
    new CreateSecretCommand({
      Name: 'user',
      SecretString: '{"username":"db-user","domainName":"corp.example.com","password":"Generated1234"}',
    }),
  );
  const properties = {
    DirectoryId: directoryId,
    DomainName: 'corp.example.com',
    Username: 'db-user',
    SecretArn: created.ARN ?? '',
    Owner: '222222222222/eu-central-1/music-staging',
  };
  expect(await call('directory-user', properties)).toMatchObject({
    Status: 'SUCCESS',
    PhysicalResourceId: `${directoryId}/db-user`,
    Data: { Outcome: 'created' },
  });
  expect(domain.users.get('db-user')).toEqual({ owner: properties.Owner, password: 'Generated1234' });
  expect(await call('directory-user', properties)).toMatchObject({ Data: { Outcome: 'kept' } });
  expect(await call('directory-user', properties, { type: 'Delete' })).toMatchObject({ Status: 'SUCCESS' });
  expect(domain.users.size).toBe(0);
});

test('the bundled function trusts only the authorities of RDS, and says so', async () => {
  const { ARN } = await new SecretsManagerClient(manager.client).send(
    new CreateSecretCommand({ Name: 'admin', SecretString: JSON.stringify(admin) }),
  );
  const answer = await call('sql-database', {
    Host: '127.0.0.1',
    Port: String(sqlServer.address.port),
    Database: 'Music',
    AdminSecretArn: ARN ?? '',
    Login: 'CORP\\db-user',
    Owner: '222222222222/eu-central-1/music-staging',
  });
  expect(answer).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringMatching(
      /^The certificate of SQL Server at 127\.0\.0\.1:\d+ is not valid for 127\.0\.0\.1 \(.*\): check the TLS name/,
    ),
  });
});

test('in a database of others, the bundled function makes only the login and its user, and trusts their authorities', async () => {
  const { ARN } = await new SecretsManagerClient(manager.client).send(
    new CreateSecretCommand({ Name: 'sa', SecretString: JSON.stringify(admin) }),
  );
  await sqlServer.query('master', 'CREATE DATABASE [Company]');
  const Authorities = [String(sqlServer.address.authorities)];
  const properties = {
    Host: '127.0.0.1',
    Port: String(sqlServer.address.port),
    TlsName: sqlServer.address.tlsName ?? '',
    Authorities,
    Existing: 'true',
    Database: 'Company',
    AdminSecretArn: ARN ?? '',
    Login: 'CORP\\svc-music',
    Owner: '222222222222/eu-central-1/music-staging',
  };
  const hash = createHash('sha256').update(Authorities.join('\n')).digest('hex');
  const options = { pinned: { Authorities: hash } };
  expect(await call('sql-database', properties, options)).toMatchObject({ Status: 'SUCCESS' });
  expect(await sqlServer.query('Company', "SELECT DATABASE_PRINCIPAL_ID(N'CORP\\svc-music') AS id")).toEqual([
    { id: expect.any(Number) },
  ]);
  expect(await sqlServer.query('Company', "SELECT SCHEMA_ID(N'provisioning') AS id")).toEqual([{ id: null }]);
  // A caller of the function cannot make it trust other authorities.
  const others = { ...properties, Authorities: ['-----BEGIN CERTIFICATE-----'] };
  expect(await call('sql-database', others, options)).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringContaining('not for this Authorities'),
  });
  // The database does not exist, and is not made.
  const absent = { ...properties, Database: 'Absent' };
  expect(await call('sql-database', absent, options)).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringContaining('There is no database Absent on the server'),
  });
});

test('the login of a further service in a database of others is made the same way, and in no other', async () => {
  const { ARN } = await new SecretsManagerClient(manager.client).send(
    new CreateSecretCommand({ Name: 'sa-of-others', SecretString: JSON.stringify(admin) }),
  );
  await sqlServer.query('master', 'CREATE DATABASE [Orders]');
  await sqlServer.query('Orders', 'CREATE ROLE mailers');
  const properties = {
    Host: '127.0.0.1',
    Port: String(sqlServer.address.port),
    TlsName: sqlServer.address.tlsName ?? '',
    Authorities: [String(sqlServer.address.authorities)],
    Existing: 'true' as const,
    Database: 'Orders',
    AdminSecretArn: ARN ?? '',
    Login: 'CORP\\svc-mailer',
    Owner: '222222222222/eu-central-1/orders-staging',
    Roles: ['mailers'],
  };
  const options = { pinned: sqlLoginPins(properties) };
  expect(await call('sql-login', properties, options)).toMatchObject({ Status: 'SUCCESS' });
  expect(
    await sqlServer.query('Orders', "SELECT IS_ROLEMEMBER(N'mailers', N'CORP\\svc-mailer') AS [is]"),
  ).toEqual([{ is: 1 }]);
  expect(await sqlServer.query('Orders', "SELECT SCHEMA_ID(N'provisioning') AS id")).toEqual([{ id: null }]);
  // A caller of the function cannot change these properties, not even by leaving out a pinned one.
  const { TlsName, Authorities, Existing, ...ours } = properties;
  for (const other of [
    { ...ours, TlsName, Authorities },
    { ...ours, TlsName, Existing },
    { ...ours, Authorities, Existing },
    { ...properties, Authorities: ['-----BEGIN CERTIFICATE-----'] },
    { ...properties, TlsName: 'sql02.example.com' },
    ours,
  ]) {
    expect(await call('sql-login', other, options)).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('not for this Host'),
    });
  }
  // Nor can a caller have one of our databases treated as one of others.
  for (const other of [
    { ...ours, TlsName },
    { ...ours, Authorities },
    { ...ours, Existing },
  ]) {
    expect(await call('sql-login', other, { pinned: sqlLoginPins(ours) })).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('not for this Host'),
    });
  }
});
