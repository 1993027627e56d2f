import { rootCertificates } from 'node:tls';
import { serviceEnvironmentSchema } from '@packages/contracts';
import { expect, test } from 'vitest';
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

/** Of a server that others have made, on its own and together. */
const further = [
  {},
  { SQL_SPN: 'MSSQLSvc/sql01.corp.example.com:1433' },
  { SQL_SPN: 'MSSQLSvc/sql01.servers.example.net:1433@SERVERS.EXAMPLE.NET' },
  { SQL_SPN: 'MSSQLSvc/listener.corp.example.com:1533', SQL_MULTI_SUBNET: 'true' as const },
];

test.each(further)('a service begins with these settings: %o', async (settings) => {
  const pool = openDatabase({ ...required, ...settings }, authority, 'test');
  await pool.drain();
  expect(connectionTo({ ...required, ...settings }, authority, 'test').options?.multiSubnetFailover).toBe(
    'SQL_MULTI_SUBNET' in settings,
  );
});

test('each variable of a task that is about SQL Server is among them', () => {
  const told = Object.keys(serviceEnvironmentSchema.shape).filter((name) => name.startsWith('SQL_'));
  const tried = [...Object.keys(required), ...further.flatMap((settings) => Object.keys(settings))];
  // The authorities are given by their text.
  const authorities = ['SQL_TLS_CA', 'SQL_TLS_CA_FILE'];
  expect(told.filter((name) => !authorities.includes(name) && !tried.includes(name))).toEqual([]);
});
