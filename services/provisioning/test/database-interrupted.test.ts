import { afterEach, expect, test } from 'vitest';
import { type DatabaseOptions, provisionDatabase, removeDatabaseLogin } from '../src/index.ts';
import { script, startTestServer, type TestServer } from './database-server.ts';

const servers: TestServer[] = [];
/** Each test has several servers, because work on a login looks into all databases of its server. */
async function newServer(): Promise<TestServer> {
  const server = await startTestServer();
  servers.push(server);
  return server;
}
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

const scripts = [
  script('001.sql', 'CREATE TABLE Artist (ArtistId int PRIMARY KEY)\nGO\nINSERT INTO Artist VALUES (1)'),
  script('002.sql', 'INSERT INTO Artist SELECT MAX(ArtistId) + 1 FROM Artist\nGO 2'),
];

class Died extends Error {}

/** Options whose connection dies at the n-th batch, before or after the server has run it. */
function dyingAt(options: DatabaseOptions, n: number, when: 'before' | 'after') {
  const sent = { count: 0 };
  const connect: DatabaseOptions['connect'] = async (credentials) => {
    const session = await options.connect(credentials);
    return {
      ...session,
      async batch(sql) {
        sent.count += 1;
        if (sent.count !== n) return await session.batch(sql);
        if (when === 'after') await session.batch(sql);
        session.close();
        throw new Died();
      },
    };
  };
  return { options: { ...options, connect }, sent };
}

async function stateOf(server: TestServer, database: string) {
  const login = `N'CORP\\${database}'`;
  return {
    artists: await server.query(database, 'SELECT ArtistId FROM Artist ORDER BY ArtistId'),
    batches: await server.query(
      database,
      'SELECT script, batch FROM provisioning.applied_batch ORDER BY script, batch',
    ),
    completed: await server.query(database, 'SELECT script FROM provisioning.applied_script ORDER BY script'),
    made: await server.query(database, 'SELECT owner FROM provisioning.made_login'),
    access: await server.query(
      database,
      `SELECT CASE WHEN SUSER_ID(${login}) IS NULL THEN 0 ELSE 1 END AS login,
        IS_ROLEMEMBER(N'db_datareader', ${login}) AS reads, IS_ROLEMEMBER(N'db_owner', ${login}) AS owns`,
    ),
  };
}

/** Dies at each batch that `run` sends, in one run per batch; several runs at a time, each on its own server. */
async function throughAllDeaths(
  when: 'before' | 'after',
  run: (
    server: TestServer,
    name: string,
    dyingOptions: (options: DatabaseOptions) => DatabaseOptions,
  ) => Promise<void>,
): Promise<number> {
  const calm = { count: 0 };
  await run(await newServer(), `${when}-none`, (options) => {
    const counted = dyingAt(options, Number.POSITIVE_INFINITY, when);
    return { ...counted.options, connect: (credentials) => counting(counted, credentials) };
  });
  async function counting(
    { options, sent }: ReturnType<typeof dyingAt>,
    credentials: Parameters<DatabaseOptions['connect']>[0],
  ) {
    const session = await options.connect(credentials);
    const close = () => {
      calm.count = sent.count;
      session.close();
    };
    return { ...session, close };
  }
  const deaths = Array.from({ length: calm.count }, (_, index) => index + 1);
  const worker = async () => {
    const server = await newServer();
    for (let n = deaths.shift(); n !== undefined; n = deaths.shift()) {
      const death = n;
      await run(server, `${when}-${n}`, (options) => dyingAt(options, death, when).options);
    }
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  return calm.count;
}

/** Whether the run was cut off, as each must be except the one that counts the batches. */
async function cutOff(work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return false;
  } catch (error) {
    expect(error).toBeInstanceOf(Died);
    return true;
  }
}

test.each(['before', 'after'] as const)(
  'whichever batch it dies %s, the next run arrives at the same state',
  async (when) => {
    const calm = await newServer();
    await provisionDatabase(calm.options(`calm-${when}`, { scripts }));
    const wanted = await stateOf(calm, `calm-${when}`);
    expect(wanted.artists).toHaveLength(3);
    const deaths = await throughAllDeaths(when, async (server, name, dying) => {
      const options = server.options(name, { scripts });
      expect(await cutOff(provisionDatabase(dying(options)))).toBe(!name.endsWith('none'));
      await provisionDatabase(options);
      expect(await stateOf(server, name)).toEqual(wanted);
    });
    expect(deaths).toBeGreaterThan(25);
  },
);

test.each(['before', 'after'] as const)(
  'whichever batch its removal dies %s, the next run removes the rest',
  async (when) => {
    const deaths = await throughAllDeaths(when, async (server, number, dying) => {
      const options = server.options(`removed-${number}`, { scripts });
      await provisionDatabase(options);
      expect(await cutOff(removeDatabaseLogin(dying(options)))).toBe(!number.endsWith('none'));
      await removeDatabaseLogin(options);
      const { access, made, artists } = await stateOf(server, `removed-${number}`);
      expect(access).toEqual([{ login: 0, reads: null, owns: null }]);
      expect(made).toEqual([]);
      expect(artists).toHaveLength(3);
    });
    expect(deaths).toBeGreaterThan(5);
  },
);

test('whichever batch it dies after, a roll-back removes the login, and no data', async () => {
  await throughAllDeaths('after', async (server, number, dying) => {
    const name = `rolled-back-${number}`;
    const options = server.options(name, { scripts });
    expect(await cutOff(provisionDatabase(dying(options)))).toBe(!number.endsWith('none'));
    await removeDatabaseLogin(options);
    expect(await server.query('master', `SELECT SUSER_ID(N'CORP\\${name}') AS login`)).toEqual([
      { login: null },
    ]);
    const [kept] = await server.query('master', `SELECT DB_ID(N'${name}') AS id`);
    expect(kept?.id).toBeGreaterThan(0);
  });
});

test('two runs at once apply each batch once', async () => {
  const server = await newServer();
  const options = server.options('twice', { scripts });
  const both = await Promise.allSettled([provisionDatabase(options), provisionDatabase(options)]);
  if (both.every(({ status }) => status === 'rejected'))
    throw new AggregateError(both.map((one) => (one as PromiseRejectedResult).reason));
  await provisionDatabase(options);
  expect((await stateOf(server, 'twice')).artists).toHaveLength(3);
});
