import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type DatabaseOptions,
  provisionDatabase,
  removeDatabaseLogin,
  SqlServerError,
} from '../src/index.ts';
import { script, startTestServer, type TestServer } from './database-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());

const options = (name: string, more: Partial<DatabaseOptions> = {}) =>
  server.options(name, { scripts: [], ...more });
const rolesOf = (database: string) => server.rolesOf(database, `CORP\\${database}`);
const loginOf = async (name: string) =>
  (await server.query('master', `SELECT SUSER_ID(N'CORP\\${name}') AS id`))[0]?.id;

/** Answers one of provisioning's queries as a server would whose administrator has more rights than the stand-in's. */
function answering(base: DatabaseOptions, asked: RegExp, answer: 0 | 1): DatabaseOptions {
  return {
    ...base,
    async connect(credentials) {
      const session = await base.connect(credentials);
      return {
        ...session,
        batch: async (sql) =>
          sql.startsWith('SELECT CASE WHEN') && asked.test(sql) ? [{ answer }] : await session.batch(sql),
      };
    },
  };
}

test('a user that was denied CONNECT to the database is reported, and the denial stays', async () => {
  await provisionDatabase(options('denied-here'));
  const denied = answering(options('denied-here'), /permission_name = N'CONNECT' AND state = N'D'/, 1);
  await expect(provisionDatabase(denied)).rejects.toThrow(
    'The user CORP\\denied-here was denied CONNECT to the database denied-here: have whoever did so run ' +
      'GRANT CONNECT TO [CORP\\denied-here] there, then deploy again.',
  );
});

test('a group is not a user: its login, if we made it, is dropped', async () => {
  const group = (name: string) => answering(options(name), /type = N'G'/, 1);
  await expect(provisionDatabase(group('a-group'))).rejects.toThrow(
    'CORP\\a-group is a group of the domain, not a user: it cannot sign in, and its login would let in all of its ' +
      'members. Correct the name of the user, then deploy again.',
  );
  expect(await loginOf('a-group')).toBeNull();
});

test('a login of a group that others made stays', async () => {
  await server.query('master', 'CREATE LOGIN [CORP\\their-group] FROM WINDOWS');
  await expect(provisionDatabase(answering(options('their-group'), /type = N'G'/, 1))).rejects.toThrow(
    'is a group of the domain',
  );
  expect(await loginOf('their-group')).not.toBeNull();
});

test('a role that is spelt differently by now is the same role if the database says so', async () => {
  const roles = (...names: string[]) => options('written', { roles: names });
  await provisionDatabase({ ...roles('Curator'), scripts: [script('a.sql', 'CREATE ROLE [Curator]')] });
  expect(await rolesOf('written')).toEqual(['Curator']);
  await provisionDatabase(roles('curator'));
  expect(await rolesOf('written')).toEqual(['Curator']);
  await provisionDatabase(roles('CURATOR', 'db_datareader'));
  expect(await rolesOf('written')).toEqual(['Curator', 'db_datareader']);
  await provisionDatabase(roles('db_datareader'));
  expect(await rolesOf('written')).toEqual(['db_datareader']);
  await removeDatabaseLogin(roles());
});

test('a user that owns a schema stays, and both are reported', async () => {
  const base = options('owner');
  await provisionDatabase(base);
  await server.query('owner', 'CREATE SCHEMA [loaded] AUTHORIZATION [CORP\\owner]');
  await expect(removeDatabaseLogin(base)).rejects.toThrow(
    'The user CORP\\owner of the database owner stays (The database principal owns a schema in the database, and cannot ' +
      'be dropped. SQL Server error 15138): have the owners of the data give what it owns to somebody else ' +
      '(ALTER AUTHORIZATION ON SCHEMA::[loaded] TO [dbo]), or revoke what it has granted, then do this again.',
  );
  expect(await loginOf('owner')).not.toBeNull();
});

test('a login that owns something of the server stays, and is reported; any other error is passed on', async () => {
  const refusing = (number: number, message: string) => {
    const base = options('server-owner');
    return {
      ...base,
      async connect(credentials: Parameters<typeof base.connect>[0]) {
        const session = await base.connect(credentials);
        return {
          ...session,
          batch: async (sql: string) => {
            if (sql.includes('DROP LOGIN')) throw new SqlServerError(message, number, 1);
            return await session.batch(sql);
          },
        };
      },
    };
  };
  await provisionDatabase(options('server-owner'));
  const jobs = refusing(
    15_170,
    'This login is the owner of 1 job(s). You must delete or reassign these jobs.',
  );
  await expect(removeDatabaseLogin(jobs)).rejects.toThrow(
    /^The login CORP\\server-owner of SQL Server stays \(This login is the owner of 1 job.* error 15170\): have the owners/,
  );
  const other = refusing(50_000, 'A trigger of the server says no.');
  await expect(removeDatabaseLogin(other)).rejects.toThrow(/^A trigger of the server says no\.$/);
  await removeDatabaseLogin(options('server-owner'));
});

test('a misspelt role is reported with the nearest existing one', async () => {
  const options = server.options('misspelt', {
    scripts: [script('a.sql', 'CREATE ROLE [album_reader]')],
    roles: ['album_raeder'],
  });
  await expect(provisionDatabase(options)).rejects.toThrow(
    /^CORP\\misspelt cannot be added to the role album_raeder \(.*\): the database has the role album_reader; correct database\.roles/,
  );
  await expect(provisionDatabase({ ...options, scripts: [], roles: ['nobodys'] })).rejects.toThrow(
    /\): correct database\.roles/,
  );
});
