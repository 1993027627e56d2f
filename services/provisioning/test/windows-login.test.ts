import { databaseCheck, databaseScript } from '@packages/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type DatabaseOptions,
  provisionDatabase,
  provisionLogin,
  removeDatabaseLogin,
  SqlServerError,
  splitBatches,
} from '../src/index.ts';
import { script, startTestServer, type TestServer } from './database-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());

const options = (name: string, more: Partial<DatabaseOptions> = {}) =>
  server.options(name, { scripts: [], ...more });
const asAdmin = async (database: string, ...statements: string[]) => {
  for (const statement of statements) await server.query(database, statement);
};
const hasLogin = async (login: string) =>
  (await server.query('master', `SELECT SUSER_ID(N'CORP\\${login}') AS id`))[0]?.id !== null;
const hasUser = async (database: string, login: string) =>
  (await server.query(database, `SELECT DATABASE_PRINCIPAL_ID(N'CORP\\${login}') AS id`))[0]?.id !== null;
const rolesOf = (database: string, login: string) => server.rolesOf(database, `CORP\\${login}`);

test('a login used in two databases stays when the first is given up, and is deleted with the last', async () => {
  const login = 'CORP\\moved';
  const [old, now] = [options('before-move', { login }), options('after-move', { login })];
  await provisionDatabase(old);
  await provisionDatabase(now);
  const said: string[] = [];
  await removeDatabaseLogin({ ...old, progress: (line) => said.push(line) });
  expect(said).toContain('The login CORP\\moved stays: it has a user in after-move.');
  expect(await hasLogin('moved')).toBe(true);
  expect(await hasUser('before-move', 'moved')).toBe(false);
  expect(await rolesOf('after-move', 'moved')).toEqual(['db_datareader']);
  await removeDatabaseLogin(now);
  expect(await hasLogin('moved')).toBe(false);
});

test.each([
  [
    'a user in a database of others',
    'CREATE DATABASE [foreign-db]',
    'USE [foreign-db]; CREATE USER [x] FOR LOGIN [CORP\\n]',
  ],
])('a login that has %s is not dropped', async (what, ...statements) => {
  const name = what.replaceAll(' ', '-');
  await provisionDatabase(options(name));
  await asAdmin('master', ...statements.map((sql) => sql.replace('CORP\\n', `CORP\\${name}`)));
  await removeDatabaseLogin(options(name));
  expect(await hasLogin(name)).toBe(true);
  expect(await hasUser(name, name)).toBe(false);
});

test.each(['roles', 'permissions', 'databases'])('nor is one that has %s of the server', async (what) => {
  const base = options(`has-${what}`);
  await provisionDatabase(base);
  // The stand-in's administrator cannot give these.
  const connect: DatabaseOptions['connect'] = async (credentials) => {
    const session = await base.connect(credentials);
    const batch: typeof session.batch = async (sql) => {
      const rows = await session.batch(sql);
      return sql.includes(`AS [${what}]`) ? rows.map((row) => ({ ...row, [what]: 1 })) : rows;
    };
    return { ...session, batch };
  };
  await removeDatabaseLogin({ ...base, connect });
  expect(await hasLogin(`has-${what}`)).toBe(true);
});

test('nor is one that may be needed in a database that cannot be entered', async () => {
  const base = options('closed');
  await provisionDatabase(base);
  await asAdmin('master', 'CREATE DATABASE [locked-up]');
  const connect: DatabaseOptions['connect'] = async (credentials) => {
    const session = await base.connect(credentials);
    const batch: typeof session.batch = async (sql) => {
      if (sql === 'USE [locked-up]') throw new SqlServerError('Not able to access the database.', 916, 1);
      return await session.batch(sql);
    };
    return { ...session, batch };
  };
  const said: string[] = [];
  await removeDatabaseLogin({ ...base, connect, progress: (line) => said.push(line) });
  expect(said).toContain('The login CORP\\closed stays: it may have a user in locked-up.');
  expect(await hasLogin('closed')).toBe(true);
});

test('roles that we gave are revoked, and those that others gave are not', async () => {
  await provisionDatabase(options('granted', { roles: ['db_datareader', 'db_datawriter'] }));
  await asAdmin('granted', 'ALTER ROLE db_ddladmin ADD MEMBER [CORP\\granted]', 'CREATE ROLE ours');
  await provisionDatabase(options('granted', { roles: ['db_datareader', 'ours', 'db_ddladmin'] }));
  expect(await rolesOf('granted', 'granted')).toEqual(['db_datareader', 'db_ddladmin', 'ours']);
  await provisionDatabase(options('granted'));
  expect(await rolesOf('granted', 'granted')).toEqual(['db_datareader', 'db_ddladmin']);
});

test('a login that reads every table gets a role for what it needs, and the right to read every table is revoked', async () => {
  await provisionDatabase(options('narrowed'));
  await asAdmin('narrowed', 'CREATE ROLE album_reader');
  await provisionDatabase(options('narrowed', { roles: ['album_reader'] }));
  expect(await rolesOf('narrowed', 'narrowed')).toEqual(['album_reader']);
  await provisionDatabase(options('narrowed'));
  expect(await rolesOf('narrowed', 'narrowed')).toEqual(['db_datareader']);
});

test('the right to read every table is not revoked if others gave it', async () => {
  await asAdmin('master', 'CREATE DATABASE [kept]', 'CREATE LOGIN [CORP\\kept] FROM WINDOWS');
  await asAdmin(
    'kept',
    'CREATE USER [CORP\\kept] FOR LOGIN [CORP\\kept]',
    'ALTER ROLE db_datareader ADD MEMBER [CORP\\kept]',
    'CREATE ROLE album_reader',
  );
  await provisionDatabase(options('kept'));
  await provisionDatabase(options('kept', { roles: ['album_reader'] }));
  expect(await rolesOf('kept', 'kept')).toEqual(['album_reader', 'db_datareader']);
});

test("a user of others' stays, without the roles that we gave it", async () => {
  await asAdmin('master', 'CREATE DATABASE [theirs]', 'CREATE LOGIN [CORP\\theirs] FROM WINDOWS');
  await asAdmin(
    'theirs',
    'CREATE USER [CORP\\theirs] FOR LOGIN [CORP\\theirs]',
    'ALTER ROLE db_datawriter ADD MEMBER [CORP\\theirs]',
  );
  await provisionDatabase(options('theirs'));
  await removeDatabaseLogin(options('theirs'));
  expect(await rolesOf('theirs', 'theirs')).toEqual(['db_datawriter']);
});

test("another owner's login and user stay, whichever database the note is in", async () => {
  const login = 'CORP\\owned';
  await provisionDatabase(options('owned-1', { login, owner: 'one' }));
  await provisionDatabase(options('owned-2', { login, owner: 'two' }));
  await removeDatabaseLogin(options('owned-2', { login, owner: 'two' }));
  await removeDatabaseLogin(options('owned-1', { login, owner: 'two' }));
  expect(await rolesOf('owned-1', 'owned')).toEqual(['db_datareader']);
  await removeDatabaseLogin(options('owned-1', { login, owner: 'one' }));
  expect(await hasLogin('owned')).toBe(false);
});

/** Makes Windows report another SID for an account than its login has, until the login is made again. */
function recreatedAccount(base: DatabaseOptions): DatabaseOptions {
  let made = false;
  return altered(base, (sql) => {
    if (sql.startsWith('CREATE LOGIN')) made = true;
    return made ? sql : sql.replaceAll(sid, '0x0102030405');
  });
}

test('the login of an account that was deleted and recreated is recreated, with its user', async () => {
  await provisionDatabase(options('anew', { roles: ['db_datareader', 'db_datawriter'] }));
  const said: string[] = [];
  await provisionDatabase(
    recreatedAccount(
      options('anew', { roles: ['db_datareader', 'db_datawriter'], progress: (line) => said.push(line) }),
    ),
  );
  expect(said).toContain(
    'The login CORP\\anew belonged to an account that no longer exists: it has been recreated.',
  );
  expect(await rolesOf('anew', 'anew')).toEqual(['db_datareader', 'db_datawriter']);
});

test('a user whose login was recreated by others is bound to it, and keeps its roles', async () => {
  await provisionDatabase(options('bound'));
  // The stand-in gives a recreated SQL login another SID, as Windows gives one to a recreated account.
  await asAdmin(
    'master',
    'DROP LOGIN [CORP\\bound]',
    "CREATE LOGIN [CORP\\bound] WITH PASSWORD = N'Some Passw0rd'",
  );
  await provisionDatabase(options('bound'));
  const bound = { database: 'bound', login: 'CORP\\bound', roles: ['db_datareader'] };
  expect(await server.query('bound', databaseCheck(bound))).toEqual([
    { check: 'login', ok: 1 },
    { check: 'user', ok: 1 },
    { check: 'role db_datareader', ok: 1 },
  ]);
});

test('a login of others whose account was recreated is reported, and so is a user of another login', async () => {
  await asAdmin(
    'master',
    'CREATE LOGIN [CORP\\told] FROM WINDOWS',
    'CREATE LOGIN [CORP\\told-2] FROM WINDOWS',
  );
  await expect(provisionDatabase(recreatedAccount(options('told')))).rejects.toThrow(
    'belongs to an account that was deleted and has been recreated since: it was made by others, so have them',
  );
  await asAdmin('master', 'CREATE DATABASE [told-2]');
  await asAdmin('told-2', 'CREATE USER [CORP\\told-2] FOR LOGIN [CORP\\told]');
  await expect(provisionDatabase(options('told-2'))).rejects.toThrow(
    'The user CORP\\told-2 of the database told-2 is bound to another login',
  );
});

test('a login whose user has another name is reported with the statement that corrects it, and nothing is recorded', async () => {
  await asAdmin('master', 'CREATE LOGIN [CORP\\renamed-2] FROM WINDOWS', 'CREATE DATABASE [renamed-2]');
  await asAdmin('renamed-2', 'CREATE USER [CORP\\former-2] FOR LOGIN [CORP\\renamed-2]');
  await expect(provisionDatabase(options('renamed-2'))).rejects.toThrow(
    'The login CORP\\renamed-2 is the user CORP\\former-2 in the database renamed-2: have its owners run ALTER USER ' +
      '[CORP\\former-2] WITH NAME = [CORP\\renamed-2] there, then deploy again.',
  );
  expect(await server.query('renamed-2', 'SELECT [user] FROM provisioning.made_user')).toEqual([]);
  const owning = altered(options('renamed-2'), (sql) =>
    sql.startsWith('SELECT name AS [name] FROM sys.database_principals') ? [{ name: 'dbo' }] : sql,
  );
  await expect(provisionDatabase(owning)).rejects.toThrow(
    'it owns the database, and so may do everything in it: have an administrator run ALTER AUTHORIZATION ON DATABASE::[renamed-2]',
  );
});

/** A session in which a function may first inspect, change or answer each statement. */
function altered(
  base: DatabaseOptions,
  alter: (sql: string) => string | readonly Record<string, unknown>[],
): DatabaseOptions {
  return {
    ...base,
    async connect(credentials) {
      const session = await base.connect(credentials);
      return {
        ...session,
        async batch(sql) {
          const now = alter(sql);
          return typeof now === 'string'
            ? await session.batch(now)
            : (now as Awaited<ReturnType<typeof session.batch>>);
        },
      };
    },
  };
}

const sid = /SUSER_SID\(N'[^']*'\)/g;
const idOf = async (login: string) =>
  (await server.query('master', `SELECT SUSER_ID(N'CORP\\${login}') AS id`))[0]?.id;

/** While the domain controller is away, Windows returns no SID and knows no account. */
function controllerAway(base: DatabaseOptions, times: number): DatabaseOptions {
  let asked = 0;
  return altered(base, (sql) => {
    if (sql.startsWith('CREATE LOGIN') && asked < times) {
      asked += 1;
      throw new SqlServerError("Windows NT user or group 'CORP\\away' not found.", 15_401, 1);
    }
    return asked < times ? sql.replaceAll(sid, 'NULL') : sql;
  });
}

test('no login is lost while the domain controller is away: afterwards nothing has changed', async () => {
  await provisionDatabase(options('away'));
  const before = await idOf('away');
  const said: string[] = [];
  await provisionDatabase(controllerAway(options('away', { progress: (line) => said.push(line) }), 3));
  expect(await idOf('away')).toBe(before);
  expect(said.join('\n')).toContain('The login CORP\\away: not yet');
  expect(said.join('\n')).not.toContain('made anew');
  expect(await rolesOf('away', 'away')).toEqual(['db_datareader']);
});

test('if it stays away, that is reported, and the login stays', async () => {
  await provisionDatabase(options('gone'));
  const before = await idOf('gone');
  await expect(provisionDatabase(controllerAway(options('gone'), Number.POSITIVE_INFINITY))).rejects.toThrow(
    'SQL Server does not find CORP\\gone in the domain',
  );
  expect(await idOf('gone')).toBe(before);
  expect(await rolesOf('gone', 'gone')).toEqual(['db_datareader']);
});

test('nor is it suggested to drop a login of others before Windows was asked again', async () => {
  await asAdmin('master', 'CREATE LOGIN [CORP\\patient] FROM WINDOWS');
  let asked = 0;
  const away = (times: number) =>
    altered(options('patient'), (sql) => {
      if (!sid.test(sql)) return sql;
      asked += 1;
      return asked <= times ? sql.replaceAll(sid, 'NULL') : sql;
    });
  await provisionDatabase(away(3));
  expect(asked).toBeGreaterThan(3);
  await expect(provisionDatabase(away(Number.POSITIVE_INFINITY))).rejects.toThrow(
    /may belong to an account that was deleted: Windows knows no account of that name: .* check that the directory answers and DROP LOGIN/,
  );
});

test('a login in use is replaced once it is free, and reported if it stays in use', async () => {
  await provisionDatabase(options('busy'));
  const busy = (times: number) => {
    let tried = 0;
    return altered(recreatedAccount(options('busy')), (sql) => {
      if (sql.startsWith('DROP LOGIN') && tried < times) {
        tried += 1;
        throw new SqlServerError('Could not drop login as the user is currently logged in.', 15_434, 1);
      }
      return sql;
    });
  };
  await provisionDatabase(busy(2));
  await expect(provisionDatabase(busy(Number.POSITIVE_INFINITY))).rejects.toThrow(
    'CORP\\busy is logged in, so its login stays',
  );
  expect(await hasLogin('busy')).toBe(true);
});

test('a renamed account whose login has its former name is reported, with the statement that corrects it', async () => {
  await asAdmin('master', 'CREATE LOGIN [CORP\\former] FROM WINDOWS');
  const renamed = altered(options('renamed'), (sql) => {
    if (!sql.startsWith('CREATE LOGIN')) return sql.replaceAll(sid, "SUSER_SID(N'CORP\\former')");
    throw new SqlServerError("The server principal 'CORP\\renamed' already exists.", 15_025, 1);
  });
  await expect(provisionDatabase(renamed)).rejects.toThrow(
    'The account CORP\\renamed has the login CORP\\former on SQL Server, from before it was renamed: have its owners run ' +
      'ALTER LOGIN [CORP\\former] WITH NAME = [CORP\\renamed], then deploy again.',
  );
  await removeDatabaseLogin(options('renamed'));
  expect(await hasLogin('former')).toBe(true);
});

test.each([
  ['disabled', 'is_disabled', 'ALTER LOGIN [CORP\\disabled] ENABLE'],
  ['denied', 'CONNECT SQL', 'GRANT CONNECT SQL TO [CORP\\denied]'],
])('a login that was %s by somebody is reported, and stays so', async (name, asked, remedy) => {
  await provisionDatabase(options(name));
  // The stand-in's administrator cannot do this.
  const closed = altered(options(name), (sql) =>
    sql.startsWith('SELECT CASE WHEN') && sql.includes(asked) ? [{ answer: 1 }] : sql,
  );
  await expect(provisionDatabase(closed)).rejects.toThrow(remedy);
});

test('a database of others must exist, and gets no records of ours without a script', async () => {
  await expect(provisionDatabase(options('absent', { existing: true }))).rejects.toThrow(
    'There is no database absent on the server: correct database.name, or have it created there.',
  );
  expect(await server.query('master', "SELECT DB_ID(N'absent') AS id")).toEqual([{ id: null }]);

  await asAdmin('master', 'CREATE DATABASE [company]');
  await provisionDatabase(options('company', { existing: true }));
  await provisionDatabase(options('company', { existing: true }));
  expect(await rolesOf('company', 'company')).toEqual(['db_datareader']);
  const schema = "SELECT SCHEMA_ID(N'provisioning') AS id";
  expect(await server.query('company', schema)).toEqual([{ id: null }]);
  await removeDatabaseLogin(options('company', { existing: true }));
  expect(await server.query('company', schema)).toEqual([{ id: null }]);
  expect(await hasLogin('company')).toBe(true);
  await provisionDatabase(
    options('company', { existing: true, scripts: [script('a.sql', 'CREATE TABLE t (n int)')] }),
  );
  expect(await server.query('company', schema)).not.toEqual([{ id: null }]);
});

test('the login of a further service in a database of others gets its own roles, and leaves no records there', async () => {
  await asAdmin('master', 'CREATE DATABASE [orders-of-others]');
  await asAdmin('orders-of-others', 'CREATE ROLE mailers');
  const further = { ...options('orders-of-others', { existing: true }), login: 'CORP\\mailer' };
  await expect(provisionLogin({ ...further, roles: ['mailers', 'nobodys'] })).rejects.toThrow(
    /^CORP\\mailer cannot be added to the role nobodys \(.*\): correct .* or have the role made: .* by the owners of the database\.$/,
  );
  for (let time = 0; time < 2; time += 1) await provisionLogin({ ...further, roles: ['mailers'] });
  expect(await rolesOf('orders-of-others', 'mailer')).toEqual(['mailers']);
  const schema = "SELECT SCHEMA_ID(N'provisioning') AS id";
  expect(await server.query('orders-of-others', schema)).toEqual([{ id: null }]);
  await removeDatabaseLogin(further);
  expect(await hasLogin('mailer')).toBe(true);
  // A database of ours has records, so what we made is removed.
  await provisionLogin({ ...further, existing: false, login: 'CORP\\ours', roles: ['mailers'] });
  expect(await server.query('orders-of-others', schema)).not.toEqual([{ id: null }]);
  await removeDatabaseLogin({ ...further, existing: false, login: 'CORP\\ours' });
  expect(await hasLogin('ours')).toBe(false);
});

test('the script for a DBA gives the account the least access it needs, however often it is run', async () => {
  const wanted = { database: "dba's ]db", login: "CORP\\o'neil", roles: ['db_datareader', 'curators'] };
  await server.query('master', "CREATE DATABASE [dba's ]]db]");
  await server.query("dba's ]]db", 'CREATE ROLE curators');
  const check = async () => await server.query("dba's ]]db", databaseCheck(wanted));
  expect((await check()).map(({ ok }) => ok)).toEqual([0, 0, 0, 0]);
  for (let time = 0; time < 2; time += 1) {
    const session = await server.connect();
    for (const { sql } of splitBatches('dba.sql', databaseScript(wanted))) await session.batch(sql);
    session.close();
    expect(await check()).toEqual([
      { check: 'login', ok: 1 },
      { check: 'user', ok: 1 },
      { check: 'role db_datareader', ok: 1 },
      { check: 'role curators', ok: 1 },
    ]);
  }
});
