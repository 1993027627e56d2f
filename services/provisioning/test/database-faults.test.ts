import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  connectSqlServer,
  type DatabaseOptions,
  provisionDatabase,
  removeDatabaseLogin,
  SqlServerError,
  type SqlSession,
} from '../src/index.ts';
import { admin, script, startTestServer, type TestServer, tlsName } from './database-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());

const messageOf = async (work: Promise<unknown>) => {
  const failure = await work.then(
    () => 'nothing failed',
    (error: Error) => error.message,
  );
  expect(failure).not.toContain(admin.password);
  expect(failure).not.toContain('\n');
  return failure;
};

test('a certificate for another name, and one of another authority, are refused', async () => {
  const otherName = { ...server.address, tlsName: 'other.rds.amazonaws.com' };
  expect(await messageOf(connectSqlServer(otherName, admin))).toMatch(
    /^The certificate of SQL Server at 127.0.0.1:\d+ is not valid for other.rds.amazonaws.com \(.*\): check the TLS name/,
  );
  const other = await startTestServer({ standIn: true });
  try {
    const otherAuthority = { ...server.address, authorities: other.address.authorities };
    expect(await messageOf(connectSqlServer(otherAuthority, admin))).toMatch(
      new RegExp(`^The certificate of SQL Server at \\S+ is not valid for ${tlsName} \\(`),
    );
  } finally {
    await other.stop();
  }
});

test('a refused administrator is reported without the password', async () => {
  const wrong = { ...admin, password: `${admin.password}!` };
  expect(await messageOf(connectSqlServer(server.address, wrong))).toMatch(
    /^SQL Server at 127.0.0.1:\d+ refuses the administrator \(.*\): check that the admin secret is the one of this/,
  );
});

test('an administrator that is refused again and again is tried a few times: the login may be locked', async () => {
  let asked = 0;
  const work = provisionDatabase({
    connect: (credentials) => connectSqlServer(server.address, credentials),
    administrator: async () => {
      asked += 1;
      return { ...admin, password: `${admin.password}!` };
    },
    ...{ database: 'Music', login: 'CORP\\db-user', owner: 'stack/database', limit: 2000 },
  });
  expect(await messageOf(work)).toMatch(/refuses the administrator/);
  expect(asked).toBeLessThanOrEqual(5);
});

test('a closed port, and a server that ends the connection, are reported', async () => {
  const silent = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const told =
    /^SQL Server at 127.0.0.1:\d+ cannot be reached \(.*\): check that the instance is available and its/;
  expect(await messageOf(connectSqlServer({ ...server.address, port }, admin))).toMatch(told);
  await new Promise((resolve) => silent.close(resolve));
  expect(await messageOf(connectSqlServer({ ...server.address, port }, admin))).toMatch(told);
});

test('a server that accepts the connection and is silent is reported after the limit, and tried again', async () => {
  let asked = 0;
  const silent = createServer(() => {
    asked += 1;
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const address = { ...server.address, port, connectLimit: 50 };
  const connect = (credentials: typeof admin) => connectSqlServer(address, credentials);
  const said: string[] = [];
  const options = server.options('silent', { scripts: [], progress: (line) => said.push(line) });
  expect(await messageOf(provisionDatabase({ ...options, connect }))).toMatch(
    /^SQL Server at 127.0.0.1:\d+ cannot be reached \(.*50ms.*\): check that the instance is available and its/,
  );
  expect(asked).toBeGreaterThan(1);
  expect(said[0]).toMatch(/session: not yet \(ProvisioningError: SQL Server at \S+ cannot be reached/);
  silent.close();
});

test('an admin secret that was just rotated is read again', async () => {
  const given = [{ ...admin, password: 'the one before' }, admin];
  const asked: string[] = [];
  const administrator = async () => {
    const next = given.shift() ?? admin;
    asked.push(next.password);
    return next;
  };
  await provisionDatabase({ ...server.options('rotated-admin', { scripts: [] }), administrator });
  expect(asked).toEqual(['the one before', admin.password]);
});

/** Makes statements fail with an error number of SQL Server, a given number of times. */
function failing(options: DatabaseOptions, statement: RegExp, number: number, times: number) {
  const failures = { left: times };
  const connect: DatabaseOptions['connect'] = async (credentials) => {
    const session: SqlSession = await options.connect(credentials);
    return {
      ...session,
      async batch(sql) {
        if (!statement.test(sql) || failures.left === 0) return await session.batch(sql);
        failures.left -= 1;
        throw new SqlServerError('As the server says.', number, 1);
      },
    };
  };
  return { options: { ...options, connect }, failures };
}

const windowsUserUnknown = 15401;
const loginInUse = 15434;

test('an instance that does not know the domain yet is waited for', async () => {
  const { options, failures } = failing(
    server.options('joining', { scripts: [] }),
    /CREATE LOGIN/,
    windowsUserUnknown,
    3,
  );
  await provisionDatabase(options);
  expect(failures.left).toBe(0);
});

test('an instance that never knows the domain is reported', async () => {
  const base = server.options('not-joined', { scripts: [], limit: 200 });
  const { options } = failing(base, /CREATE LOGIN/, windowsUserUnknown, Number.POSITIVE_INFINITY);
  expect(await messageOf(provisionDatabase(options))).toBe(
    'SQL Server does not find CORP\\not-joined in the domain: check that the directory user exists, and that the ' +
      'instance shows its directory status as "joined".',
  );
  await provisionDatabase(base);
});

test('a role that does not exist is reported; one that the script makes is given', async () => {
  const options = server.options('roles-of-ours', { scripts: [], roles: ['db_datareader', 'curators'] });
  expect(await messageOf(provisionDatabase(options))).toMatch(
    /^CORP\\roles-of-ours cannot be added to the role curators \(.* SQL Server error 15151\): correct database.roles, database.userRoles/,
  );
  await provisionDatabase({ ...options, scripts: [script('a.sql', 'CREATE ROLE curators')] });
  expect(
    await server.query('roles-of-ours', "SELECT IS_ROLEMEMBER(N'curators', N'CORP\\roles-of-ours') AS [is]"),
  ).toEqual([{ is: 1 }]);
  await provisionDatabase({ ...options, roles: ['db_datareader'] });
  expect(
    await server.query('roles-of-ours', "SELECT IS_ROLEMEMBER(N'curators', N'CORP\\roles-of-ours') AS [is]"),
  ).toEqual([{ is: 0 }]);
});

test('a login in use is deleted once its last session has ended, or else that is reported', async () => {
  const base = server.options('in-use', { scripts: [], limit: 200 });
  await provisionDatabase(base);
  const always = failing(base, /DROP LOGIN/, loginInUse, Number.POSITIVE_INFINITY);
  expect(await messageOf(removeDatabaseLogin(always.options))).toBe(
    'CORP\\in-use is logged in, so its login stays: delete the service first, then this again.',
  );
  await removeDatabaseLogin(failing(base, /DROP LOGIN/, loginInUse, 2).options);
  expect(await server.query('in-use', "SELECT SUSER_ID(N'CORP\\in-use') AS id")).toEqual([{ id: null }]);
});
