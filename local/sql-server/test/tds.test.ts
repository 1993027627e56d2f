import { createConnection } from 'node:net';
import { ISOLATION_LEVEL, Request, TYPES } from 'tedious';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SqlServer } from '../server.ts';
import { type ClientOptions, startTestServer, TestClient } from './tedious-client.ts';

let server: SqlServer;
let client: TestClient;
beforeAll(async () => {
  server = await startTestServer();
  const setup = await TestClient.connect(server);
  await setup.batch('CREATE DATABASE Music');
  await setup.batch(
    'USE Music; CREATE TABLE dbo.Album (AlbumId INT PRIMARY KEY, Title NVARCHAR(20) NOT NULL)',
  );
  setup.close();
  client = await connect();
});
beforeEach(() => client.batch('DELETE FROM dbo.Album'));
afterAll(async () => {
  client?.close();
  await server?.stop();
});

const connect = (options: ClientOptions['options'] = {}) =>
  TestClient.connect(server, { options: { database: 'Music', ...options } });
const count = async () => (await client.batch('SELECT COUNT(*) AS n FROM dbo.Album'))[0]?.n;
const insert = (id: number) => `INSERT INTO dbo.Album VALUES (${id}, N'Kid A')`;

describe('logging in', () => {
  test.each<[string, ClientOptions['options']]>([
    ['TLS within TDS', {}],
    ['TLS before TDS', { encrypt: 'strict' }],
    ['a smaller packet size', { packetSize: 512 }],
    ['an older version of TDS', { tdsVersion: '7_3_A' }],
  ])('with %s', async (_, options) => {
    const other = await connect(options);
    const text = 'x'.repeat(20_000);
    expect(await other.query('SELECT @text AS text', { text })).toEqual([{ text }]);
    other.close();
  });

  test.each<[string, ClientOptions, number[]]>([
    ['a wrong password', { password: 'wrong' }, [18456]],
    ['an unknown login', { username: 'nobody' }, [18456]],
    ['no database', { options: { database: 'Nothing', maxRetriesOnTransientErrors: 0 } }, [4060, 18456]],
    ['a wrong name in the certificate', { options: { serverName: 'music-db' } }, []],
  ])('fails with %s', async (_, options, numbers) => {
    await expect(TestClient.connect(server, options)).rejects.toMatchObject({ numbers });
  });

  test('what is no TDS ends the connection, and harms nobody else', async () => {
    const socket = createConnection(server.port, '127.0.0.1');
    socket.end('GET / HTTP/1.1\r\nHost: music-db\r\n\r\n');
    await new Promise((resolve) => socket.once('close', resolve).resume());
    expect(await client.batch('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});

describe('statements with parameters (sp_executesql)', () => {
  const moment = new Date('2024-02-29T12:34:56.789Z');

  test.each<[string, unknown, (typeof TYPES)[keyof typeof TYPES]]>([
    ['nvarchar', "O'Brien; -- ß 🎵", TYPES.NVarChar],
    ['nvarchar(max)', 'é'.repeat(9000), TYPES.NVarChar],
    ['varchar', 'plain', TYPES.VarChar],
    ['int', -2147483648, TYPES.Int],
    ['bigint', '9007199254740993', TYPES.BigInt],
    ['bit', true, TYPES.Bit],
    ['float', 1.5e-300, TYPES.Float],
    ['decimal', 12.5, TYPES.Decimal],
    ['datetime2', moment, TYPES.DateTime2],
    ['datetime', new Date('2024-02-29T12:34:56.790Z'), TYPES.DateTime],
    ['date', new Date('2024-02-29'), TYPES.Date],
    ['varbinary', Buffer.from([0, 255, 7]), TYPES.VarBinary],
    ['uniqueidentifier', '6F9619FF-8B86-D011-B42D-00C04FC964FF', TYPES.UniqueIdentifier],
    ['nothing', null, TYPES.NVarChar],
  ])('a %s comes back as it went', async (name, value, type) => {
    const rows = await client.run('SELECT @value AS value', (request) => {
      request.addParameter('value', type, value, name === 'decimal' ? { precision: 9, scale: 2 } : {});
      client.connection.execSql(request);
    });
    expect(rows).toEqual([{ value }]);
  });

  test('parameters come out again', async () => {
    const out: Record<string, unknown> = {};
    await client.run('SET @twice = @once * 2', (request) => {
      request.addParameter('once', TYPES.Int, 21);
      request.addOutputParameter('twice', TYPES.Int);
      request.on('returnValue', (name, value) => {
        out[name] = value;
      });
      client.connection.execSql(request);
    });
    expect(out).toEqual({ twice: 42 });
  });

  test('a prepared statement runs again and again', async () => {
    const ids: unknown[] = [];
    const request = new Request('SELECT @id AS id', () => {});
    request.addParameter('id', TYPES.Int);
    request.on('row', (columns: { value: unknown }[]) => ids.push(columns[0]?.value));
    const until = (event: 'prepared' | 'requestCompleted') =>
      new Promise<void>((resolve) => request.once(event, () => resolve()));
    const prepared = until('prepared');
    client.connection.prepare(request);
    await prepared;
    for (const id of [1, 2, 3]) {
      const done = until('requestCompleted');
      client.connection.execute(request, { id });
      await done;
    }
    const gone = until('requestCompleted');
    client.connection.unprepare(request);
    await gone;
    expect(ids).toEqual([1, 2, 3]);
  });

  test('a large result comes whole', async () => {
    const rows = await client.batch(
      `WITH n (i) AS (SELECT v.i FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS v (i))
       SELECT a.i AS a, REPLICATE(N'x', 200) AS text FROM n AS a CROSS JOIN n AS b CROSS JOIN n AS c CROSS JOIN n AS d`,
    );
    expect(rows).toHaveLength(10_000);
  });
});

describe('errors', () => {
  test.each<[string, number[]]>([
    ['SELECT * FROM Nothing', [208]],
    ['SELECT Nothing FROM dbo.Album', [207]],
    ['SELEC 1', [102]],
    ["INSERT INTO dbo.Album VALUES (1, N'a'), (1, N'b')", [2627]],
    ['INSERT INTO dbo.Album VALUES (1, NULL)', [515]],
    ["INSERT INTO dbo.Album VALUES (1, N'longer than the twenty characters it may have')", [2628]],
    ['SELECT 1 / 0', [8134]],
    ['USE Nothing', [911]],
    ['COMMIT', [3902]],
    ['ROLLBACK', [3903]],
    ["RAISERROR(N'Mine', 16, 1)", [50000]],
    ["THROW 50001, N'Mine', 1", [50001]],
  ])("%s has SQL Server's number", async (sql, numbers) => {
    await expect(client.batch(sql)).rejects.toMatchObject({ numbers });
    expect(await client.batch('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});

describe('transactions of the driver', () => {
  const begin = (level?: number) =>
    client.callback((done) => client.connection.beginTransaction(done, '', level));
  const commit = () => client.callback((done) => client.connection.commitTransaction(done));
  const rollback = (name?: string) =>
    client.callback((done) => client.connection.rollbackTransaction(done, name));

  test('keep what is committed, and forget what is rolled back', async () => {
    await begin(ISOLATION_LEVEL.READ_COMMITTED);
    await client.batch(insert(1));
    await commit();
    await begin();
    await client.batch(insert(2));
    await rollback();
    expect(await count()).toBe(1);
  });

  test('go back to a savepoint', async () => {
    await begin();
    await client.batch(insert(1));
    await client.callback((done) => client.connection.saveTransaction(done, 'here'));
    await client.batch(insert(2));
    await rollback('here');
    await commit();
    expect(await count()).toBe(1);
  });

  test('end with the connection', async () => {
    const other = await connect();
    await other.callback((done) => other.connection.beginTransaction(done));
    await other.batch(insert(1));
    other.close();
    await expect.poll(count).toBe(0);
  });

  test('end when the session is reset', async () => {
    const other = await connect();
    await other.batch(`BEGIN TRANSACTION; ${insert(1)}`);
    await other.callback((done) => other.connection.reset(done));
    expect(await other.batch('SELECT @@TRANCOUNT AS n')).toEqual([{ n: 0 }]);
    expect(await count()).toBe(0);
    other.close();
  });
});

describe('attention', () => {
  const endless = [
    "WAITFOR DELAY '00:10:00'",
    'WHILE 1 = 1 SELECT 1 AS one',
    'DECLARE @n INT = 0; WHILE 1 = 1 SET @n = 1',
  ];

  test.each(endless)('ends %s, and the connection goes on', async (sql) => {
    const other = await connect();
    const running = other.run(sql, (request) => {
      other.connection.execSqlBatch(request);
      setImmediate(() => other.connection.cancel());
    });
    await expect(running).rejects.toThrow('Canceled.');
    expect(await other.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    other.close();
  });

  test('comes from a time limit too', async () => {
    const other = await connect();
    const running = other.run("WAITFOR DELAY '00:10:00'", (request) => {
      request.setTimeout(50);
      other.connection.execSqlBatch(request);
    });
    await expect(running).rejects.toThrow(/Timeout/);
    expect(await other.batch('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    other.close();
  });

  test('leaves the transaction as it is', async () => {
    const other = await connect();
    await other.batch(`BEGIN TRANSACTION; ${insert(1)}`);
    const running = other.run("WAITFOR DELAY '00:10:00'", (request) => {
      other.connection.execSqlBatch(request);
      setImmediate(() => other.connection.cancel());
    });
    await expect(running).rejects.toThrow('Canceled.');
    expect(await other.batch('SELECT @@TRANCOUNT AS n')).toEqual([{ n: 1 }]);
    await other.batch('COMMIT');
    expect(await count()).toBe(1);
    other.close();
  });
});
