import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run, scalar, TestEngine } from '../../test/engine.ts';
import { Cancelled } from './batch.ts';
import type { Session } from './session.ts';

let engine: TestEngine;
let session: Session;

beforeAll(async () => {
  engine = new TestEngine();
  session = engine.session();
  await run(session, 'CREATE DATABASE Music');
  await run(session, 'USE Music; CREATE TABLE dbo.T (a INT CONSTRAINT PK_T PRIMARY KEY)');
});
afterAll(() => engine.close());

describe('a batch', () => {
  test('runs nothing if it cannot be read as a whole', async () => {
    const { errors } = await run(session, 'INSERT INTO dbo.T VALUES (100); SELEC 1');
    expect(errors).toEqual([102]);
    expect(await scalar(session, 'SELECT COUNT(*) FROM dbo.T')).toBe(0);
  });

  test('has variables, IF and WHILE', async () => {
    const { rows } = await run(
      session,
      `DECLARE @n INT = 0, @sum INT = 0;
       WHILE 1 = 1
       BEGIN
         SET @n += 1;
         IF @n % 2 = 0 CONTINUE;
         IF @n > 6 BREAK
         ELSE SET @sum = @sum + @n;
       END
       SELECT @n AS n, @sum AS [sum]`,
    );
    expect(rows).toEqual([{ n: 7, sum: 9 }]);
  });

  test('assigns from a query, and leaves the variable alone when there is no row', async () => {
    const { rows } = await run(
      session,
      `DECLARE @a INT = 1, @b NVARCHAR(3) = N'abcdef';
       SELECT @a = a FROM dbo.T WHERE a = 12345; SELECT @a AS a, @b AS b`,
    );
    expect(rows).toEqual([{ a: 1, b: 'abc' }]);
  });

  test('goes on after an error of one statement, not after one of the batch', async () => {
    await run(session, 'INSERT INTO dbo.T VALUES (1)');
    const going = await run(session, 'INSERT INTO dbo.T VALUES (1); SELECT 1 AS next');
    expect(going).toMatchObject({ errors: [2627], rows: [{ next: 1 }] });
    const ended = await run(session, 'SELECT * FROM dbo.Nothing; SELECT 1 AS next');
    expect(ended).toMatchObject({ errors: [208], rows: [] });
  });

  test('catches an error, tells of it, and throws it again', async () => {
    const caught = await run(
      session,
      `BEGIN TRY
         INSERT INTO dbo.T VALUES (1);
         SELECT 1 AS never;
       END TRY
       BEGIN CATCH
         SELECT ERROR_NUMBER() AS number, ERROR_SEVERITY() AS severity;
         THROW;
       END CATCH
       SELECT 2 AS never`,
    );
    expect(caught.rows).toEqual([{ number: 2627, severity: 14 }]);
    expect(caught.errors).toEqual([2627]);
  });

  test('throws errors of its own', async () => {
    expect(await run(session, `THROW 50001, N'Mine', 3; SELECT 1 AS never`)).toMatchObject({
      errors: [50001],
      messages: ['Mine'],
      rows: [],
    });
    expect(await run(session, `RAISERROR(N'%s has %d', 16, 1, N'it', 5); SELECT 1 AS next`)).toMatchObject({
      errors: [50000],
      messages: ['it has 5'],
      rows: [{ next: 1 }],
    });
    expect(await run(session, `PRINT N'hello'`)).toMatchObject({ errors: [], messages: ['hello'] });
  });

  test('runs dynamic SQL with parameters in and out', async () => {
    const { rows } = await run(
      session,
      `DECLARE @out INT;
       EXEC sp_executesql N'SET @y = @x * 2', N'@x INT, @y INT OUTPUT', @x = 21, @y = @out OUTPUT;
       EXEC (N'SELECT ' + N'1 AS one');
       SELECT @out AS two`,
    );
    expect(rows).toEqual([{ one: 1 }, { two: 42 }]);
    expect((await run(session, `EXEC sp_executesql N'SELECT @x', N'@x INT'`)).errors).toEqual([8178]);
  });

  test('stops when the client cancels', async () => {
    const controller = new AbortController();
    const running = run(session, `WAITFOR DELAY '00:10:00'`, { signal: controller.signal });
    controller.abort();
    await expect(running).rejects.toThrow(Cancelled);
    const loop = new AbortController();
    const looping = run(session, 'WHILE 1 = 1 SELECT 1', { signal: loop.signal });
    setTimeout(() => loop.abort(), 5);
    await expect(looping).rejects.toThrow(Cancelled);
  });
});

describe('application locks', () => {
  const take = (owner: string, timeout: number) =>
    `DECLARE @r INT; EXEC @r = sp_getapplock @Resource = N'job', @LockMode = N'Exclusive', @LockOwner = N'${owner}', @LockTimeout = ${timeout}; SELECT @r AS r`;

  test('are held by one session until it gives them back', async () => {
    const other = engine.session('admin', 'Music');
    expect(await scalar(session, take('Session', 0))).toBe(0);
    expect(await scalar(other, take('Session', 0))).toBe(-1);
    expect(await scalar(other, take('Session', 10))).toBe(-1);
    const waiting = scalar(other, take('Session', 60_000));
    await nextTurn(); // it waits as soon as the event loop turns
    await run(session, `EXEC sp_releaseapplock @Resource = N'job', @LockOwner = N'Session'`);
    expect(await waiting).toBe(1);
    other.close();
    expect(await scalar(session, take('Session', 0))).toBe(0);
    expect(
      (await run(session, `EXEC sp_releaseapplock @Resource = N'job', @LockOwner = N'Session'`)).errors,
    ).toEqual([]);
    expect(
      (await run(session, `EXEC sp_releaseapplock @Resource = N'job', @LockOwner = N'Session'`)).errors,
    ).toEqual([1223]);
  });

  test('of a transaction end with it', async () => {
    const other = engine.session('admin', 'Music');
    expect((await run(session, take('Transaction', 0))).errors).toEqual([15419]);
    await run(session, 'BEGIN TRAN');
    expect(await scalar(session, take('Transaction', 0))).toBe(0);
    expect(await scalar(other, take('Session', 0))).toBe(-1);
    await run(session, 'COMMIT');
    expect(await scalar(other, take('Session', 0))).toBe(0);
    other.close();
  });
});
