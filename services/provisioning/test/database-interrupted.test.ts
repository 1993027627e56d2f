import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DatabaseOptions, provisionDatabase, removeDatabaseLogin } from '../src/index.ts';
import { script, startTestServer, type TestServer } from './database-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());

const scripts = [
  script('001.sql', 'CREATE TABLE Artist (ArtistId int PRIMARY KEY)\nGO\nINSERT INTO Artist VALUES (1)'),
  script('002.sql', 'INSERT INTO Artist SELECT MAX(ArtistId) + 1 FROM Artist\nGO 2'),
];

class Died extends Error {}

/** Options whose connection dies at the n-th batch that is sent, before or after the server has run it. */
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

async function stateOf(database: string) {
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

/** Dies at the first batch, the second, … until one run comes through without dying. */
async function throughAllDeaths(
  when: 'before' | 'after',
  run: (name: string, dyingOptions: (options: DatabaseOptions) => DatabaseOptions) => Promise<void>,
): Promise<number> {
  for (let n = 1; ; n += 1) {
    let sent = { count: 0 };
    await run(`${when}${n}`, (options) => {
      const dying = dyingAt(options, n, when);
      sent = dying.sent;
      return dying.options;
    });
    if (sent.count < n) return n - 1;
  }
}

test.each(['before', 'after'] as const)(
  'whichever batch it dies %s, the next run arrives at the same state',
  async (when) => {
    await provisionDatabase(server.options(`calm-${when}`, { scripts }));
    const wanted = await stateOf(`calm-${when}`);
    expect(wanted.artists).toHaveLength(3);
    const deaths = await throughAllDeaths(when, async (name, dying) => {
      const options = server.options(name, { scripts });
      await provisionDatabase(dying(options)).catch((error) => expect(error).toBeInstanceOf(Died));
      await provisionDatabase(options);
      expect(await stateOf(name)).toEqual(wanted);
    });
    expect(deaths).toBeGreaterThan(30);
  },
  60_000,
);

test.each(['before', 'after'] as const)(
  'whichever batch its removal dies %s, the next run removes the rest',
  async (when) => {
    const deaths = await throughAllDeaths(when, async (number, dying) => {
      const options = server.options(`removed-${number}`, { scripts });
      await provisionDatabase(options);
      await removeDatabaseLogin(dying(options)).catch((error) => expect(error).toBeInstanceOf(Died));
      await removeDatabaseLogin(options);
      const { access, made, artists } = await stateOf(`removed-${number}`);
      expect(access).toEqual([{ login: 0, reads: null, owns: null }]);
      expect(made).toEqual([]);
      expect(artists).toHaveLength(3);
    });
    expect(deaths).toBeGreaterThan(5);
  },
  60_000,
);

test('two runs at once apply each batch once', async () => {
  const options = server.options('twice', { scripts });
  const both = await Promise.allSettled([provisionDatabase(options), provisionDatabase(options)]);
  if (both.every(({ status }) => status === 'rejected'))
    throw new AggregateError(both.map((one) => (one as PromiseRejectedResult).reason));
  await provisionDatabase(options);
  expect((await stateOf('twice')).artists).toHaveLength(3);
});
