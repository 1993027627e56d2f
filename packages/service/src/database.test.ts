import { rootCertificates } from 'node:tls';
import { serviceEnvironmentSchema } from '@packages/contracts';
import { expect, test, vi } from 'vitest';
import { connectionTo, openDatabase } from './database.ts';

const [authority = ''] = rootCertificates;
const required = {
  SQL_SERVER: 'sql01.corp.example.com',
  SQL_PORT: 1433,
  SQL_DATABASE: 'Music',
  SQL_TLS_NAME: 'sql01.corp.example.com',
  CONNECT_TIMEOUT_SECONDS: 5,
  QUERY_TIMEOUT_SECONDS: 5,
};

/** Settings for a server that was not created by this project, alone and combined. */
const further = [
  {},
  { SQL_SPN: 'MSSQLSvc/sql01.corp.example.com:1433' },
  { SQL_SPN: 'MSSQLSvc/sql01.servers.example.net:1433@SERVERS.EXAMPLE.NET' },
  { SQL_SPN: 'MSSQLSvc/listener.corp.example.com:1533', SQL_MULTI_SUBNET: 'true' as const },
];

test.each(further)('a service starts with these settings: %o', async (settings) => {
  const pool = openDatabase({ ...required, ...settings }, authority, 'test');
  await pool.drain();
  expect(connectionTo({ ...required, ...settings }, authority, 'test').options?.multiSubnetFailover).toBe(
    'SQL_MULTI_SUBNET' in settings,
  );
});

test.each(further)('it logs in to the service principal that they name: %o', async (settings) => {
  const { SQL_SERVER: host, SQL_PORT: port } = required;
  const { SQL_SPN = `MSSQLSvc/${host}:${port}` }: { SQL_SPN?: string } = settings;
  vi.stubEnv('KRB5CCNAME', 'FILE:/no/such/cache');
  try {
    const { authenticator } = connectionTo({ ...required, ...settings }, authority, 'test');
    const session = authenticator?.begin({ host, port });
    const token = session?.initialToken(new AbortController().signal, Promise.resolve(undefined));
    // The realm is left to krb5.conf.
    await expect(token).rejects.toThrow(`No ticket for ${SQL_SPN.replace(/@.*/, '')}: `);
    session?.dispose();
  } finally {
    vi.unstubAllEnvs();
  }
});

test('the settings cover each SQL Server variable of a task', () => {
  const told = Object.keys(serviceEnvironmentSchema.shape).filter((name) => name.startsWith('SQL_'));
  const tried = [...Object.keys(required), ...further.flatMap((settings) => Object.keys(settings))];
  // The authorities are passed as text.
  const authorities = ['SQL_TLS_CA', 'SQL_TLS_CA_FILE'];
  expect(told.filter((name) => !authorities.includes(name) && !tried.includes(name))).toEqual([]);
});
