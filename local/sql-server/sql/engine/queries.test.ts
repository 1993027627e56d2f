import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run, scalar, TestEngine } from '../../test/engine.ts';
import type { Session } from './session.ts';

let engine: TestEngine;
let session: Session;

beforeAll(async () => {
  engine = new TestEngine();
  session = engine.session();
  await run(session, 'CREATE DATABASE Music');
  await run(session, 'USE Music');
  await run(
    session,
    `CREATE TABLE dbo.Artist (ArtistId INT PRIMARY KEY, Name NVARCHAR(50) NOT NULL);
     CREATE TABLE dbo.Album (AlbumId INT PRIMARY KEY, Title NVARCHAR(50) NOT NULL, ArtistId INT NOT NULL, Price DECIMAL(10,2), Sold DATETIME);
     INSERT INTO dbo.Artist VALUES (1, N'AC/DC'), (2, N'Accept'), (3, N'Nobody');
     INSERT INTO dbo.Album VALUES (1, N'High Voltage', 1, 9.99, '2024-01-31'), (2, N'Powerage', 1, 8.5, NULL), (3, N'Restless', 2, 7, '2024-02-01 10:11:12')`,
  );
});
afterAll(() => engine.close());

describe('queries', () => {
  test.each([
    ['1 + 2 * 3', 7],
    ['7 / 2', 3],
    ['7 % 4', 3],
    ['-5', -5],
    ["N'a' + N'b'", 'ab'],
    ["N'a' + NULL", null],
    ["'5' + 1", 6],
    ["CONCAT(N'a', NULL, 5)", 'a5'],
    ["LEN(N'ab  ')", 2],
    ["UPPER(N'é')", 'É'],
    ["SUBSTRING(N'abcdef', 2, 3)", 'bcd'],
    ["CHARINDEX(N'C', N'abc')", 3],
    ["REPLACE(N'aXbx', N'x', N'-')", 'a-b-'],
    ["ISNULL(NULL, N'x')", 'x'],
    ['COALESCE(NULL, NULL, 3)', 3],
    ['NULLIF(1, 1)', null],
    ["IIF(1 < 2, N'yes', N'no')", 'yes'],
    ["CASE 2 WHEN 1 THEN N'one' WHEN 2 THEN N'two' END", 'two'],
    ["CASE WHEN N'A' = N'a' THEN 1 ELSE 0 END", 1],
    ["CASE WHEN N'abc' LIKE N'A[a-c]_' THEN 1 ELSE 0 END", 1],
    ["CASE WHEN N'50%' LIKE N'50!%' ESCAPE N'!' THEN 1 ELSE 0 END", 1],
    ["CASE WHEN 5 IN (1, '5') THEN 1 ELSE 0 END", 1],
    ["CAST(N'12' AS INT)", 12],
    ['CAST(12.345 AS DECIMAL(5,1))', 12.3],
    ["CAST(N'abcdef' AS NVARCHAR(3))", 'abc'],
    ["TRY_CAST(N'x' AS INT)", null],
    ["CONVERT(DATE, N'20240131')", '2024-01-31'],
    ["DATEDIFF(day, '2024-01-31', '2024-03-01')", 30],
    ["DATEPART(month, DATEADD(month, 1, '2024-01-31'))", 2],
    ["DAY(DATEADD(month, 1, '2024-01-31'))", 29],
    ["QUOTENAME(N'a]b')", '[a]]b]'],
    ['ROUND(2.567, 1)', 2.6],
    ['(SELECT COUNT(*) FROM Artist)', 3],
    ["OBJECT_ID(N'[dbo].[Nothing]')", null],
    ['CAST(1.1 AS DECIMAL(5,1)) * 3', 3.3],
    ['(SELECT AVG(ArtistId) FROM Artist)', 2],
    ['@@TRANCOUNT', 0],
    ['DB_NAME()', 'Music'],
  ])('SELECT %s gives %j', async (expression, expected) => {
    expect(await scalar(session, `SELECT ${expression} AS answer`)).toBe(expected);
  });

  test.each([
    ['SELECT * FROM dbo.Nothing', 208],
    ['SELECT * FROM Nowhere.dbo.Artist', 208],
    ['SELECT Nothing FROM dbo.Artist', 207],
    ['SELECT x.Name FROM dbo.Artist AS a', 4104],
    ['SELECT ArtistId FROM dbo.Artist AS a JOIN dbo.Album AS b ON b.ArtistId = a.ArtistId', 209],
    ['SELECT Name, COUNT(*) FROM dbo.Artist', 8120],
    ['SELECT FROM dbo.Artist', 102],
    ['SELECT 1 = 1', 102],
    ["SELECT N'unclosed", 102],
    ['SELECT @nothing', 137],
    ['SELECT NOTHING(1)', 195],
    ['SELECT LEN(1, 2)', 174],
    ["SELECT CAST(N'x' AS INT)", 245],
    ["SELECT CAST(N'x' AS DATETIME2)", 241],
    ['SELECT CAST(300 AS TINYINT)', 8115],
    ['SELECT 2147483647 + 1', 8115],
    ['SELECT 1 / 0', 8134],
    ['SELECT TOP (-1) * FROM dbo.Artist', 1014],
    ['SELECT 1 UNION SELECT 1, 2', 205],
    ['SELECT Name FROM dbo.Artist ORDER BY 2', 108],
    ['SELECT (SELECT 1, 2)', 116],
    ['EXEC nothing', 2812],
    ['SELECT * FROM dbo.Artist FOR XML AUTO', 40515],
    ['MERGE dbo.Artist USING dbo.Album ON 1 = 1', 40515],
    ['CREATE TABLE #t (a INT)', 40515],
  ])('%s fails with %i', async (sql, number) => {
    const { errors, rows } = await run(session, sql);
    expect(errors).toEqual([number]);
    expect(rows).toEqual([]);
  });

  test('joins, groups and orders', async () => {
    const { rows } = await run(
      session,
      `SELECT a.Name AS artist, COUNT(b.AlbumId) AS albums, SUM(b.Price) AS total
       FROM dbo.Artist AS a LEFT JOIN dbo.Album AS b ON b.ArtistId = a.ArtistId
       GROUP BY a.Name HAVING COUNT(b.AlbumId) < 5 ORDER BY albums DESC, a.Name`,
    );
    expect(rows).toEqual([
      { artist: 'AC/DC', albums: 2, total: 18.49 },
      { artist: 'Accept', albums: 1, total: 7 },
      { artist: 'Nobody', albums: 0, total: null },
    ]);
  });

  test('takes any rows with TOP and ORDER BY NEWID(), as many as a parameter says', async () => {
    const parameters = [{ name: '@count', type: { name: 'int' } as const, value: 2 }];
    const seen = new Set<unknown>();
    for (let time = 0; time < 60; time++) {
      const { rows } = await run(session, 'SELECT TOP (@count) Title FROM Album ORDER BY NEWID()', {
        parameters,
      });
      expect(rows).toHaveLength(2);
      for (const { Title } of rows) seen.add(Title);
    }
    expect(seen.size).toBe(3);
  });

  test('understands common table expressions, derived tables, subqueries, windows and paging', async () => {
    const { rows } = await run(
      session,
      `WITH numbered (id, title, position) AS (
         SELECT AlbumId, Title, ROW_NUMBER() OVER (ORDER BY Title) FROM Album
       )
       SELECT n.title, d.Name FROM numbered AS n
       JOIN (SELECT AlbumId, Name FROM Album JOIN Artist ON Artist.ArtistId = Album.ArtistId) AS d ON d.AlbumId = n.id
       WHERE n.position IN (SELECT v.x FROM (VALUES (1), (2), (3)) AS v (x))
         AND EXISTS (SELECT 1 FROM Album AS inside WHERE inside.AlbumId = n.id)
       ORDER BY n.title OFFSET 1 ROWS FETCH NEXT 1 ROWS ONLY`,
    );
    expect(rows).toEqual([{ title: 'Powerage', Name: 'AC/DC' }]);
  });

  test('reads tables of another database by their three-part names', async () => {
    const elsewhere = engine.session('admin', 'master');
    const sql = `SELECT a.Title, Music.dbo.Artist.Name FROM Music.dbo.Album AS a
      JOIN [Music]..Artist ON Artist.ArtistId = a.ArtistId WHERE a.AlbumId = 3`;
    expect((await run(elsewhere, sql)).rows).toEqual([{ Title: 'Restless', Name: 'Accept' }]);
    expect(await scalar(elsewhere, "SELECT COUNT(*) FROM Music.sys.tables WHERE name = N'Album'")).toBe(1);
    expect(await scalar(elsewhere, "SELECT COUNT(*) FROM Music.sys.databases WHERE name = N'Music'")).toBe(1);
    expect(await scalar(session, 'SELECT COUNT(*) FROM music.DBO.Album')).toBe(3);
    expect(await scalar(elsewhere, "SELECT OBJECT_ID(N'Music.dbo.Album')")).toBe(
      await scalar(session, "SELECT OBJECT_ID(N'dbo.Album')"),
    );
    const inTransaction = 'BEGIN TRAN; SELECT COUNT(*) AS n FROM Music.dbo.Album; COMMIT';
    expect((await run(elsewhere, inTransaction)).rows).toEqual([{ n: 3 }]);
    expect((await run(elsewhere, 'SELECT * FROM Music.dbo.Nothing')).errors).toEqual([208]);
    for (const change of [
      'DROP TABLE Music.dbo.Album',
      'DELETE FROM Music.dbo.Album',
      'CREATE UNIQUE INDEX i ON Music.dbo.Album (Title)',
    ])
      expect((await run(elsewhere, change)).errors, change).toEqual([40515]);
    elsewhere.close();
  });

  test('asks for a user and a permission in the other database', async () => {
    await run(session, `CREATE LOGIN visitor WITH PASSWORD = N'Visit0r password'`);
    const visitor = engine.session('visitor', 'master');
    const sql = 'SELECT COUNT(*) AS n FROM Music.dbo.Album';
    expect((await run(visitor, sql)).errors).toEqual([916]);
    await run(session, 'CREATE USER visitor FOR LOGIN visitor');
    expect((await run(visitor, sql)).errors).toEqual([229]);
    await run(session, 'GRANT SELECT ON dbo.Album TO visitor');
    expect((await run(visitor, sql)).rows).toEqual([{ n: 3 }]);
    visitor.close();
    await run(session, 'DROP USER visitor; DROP LOGIN visitor');
  });

  test('compares dates whatever form they are written in', async () => {
    const sql = `SELECT AlbumId FROM Album WHERE Sold >= '20240201' AND Sold < CAST('2024-02-02' AS DATE)`;
    expect((await run(session, sql)).rows).toEqual([{ AlbumId: 3 }]);
  });

  test('tells the types of its columns', async () => {
    const { types } = await run(
      session,
      `SELECT AlbumId, Title, Price, Sold, COUNT(*) OVER () AS n, SYSUTCDATETIME() AS now, Price * 2 AS twice FROM Album`,
    );
    expect(types).toEqual([
      { name: 'int' },
      { name: 'nvarchar', length: 50 },
      { name: 'decimal', precision: 10, scale: 2 },
      { name: 'datetime' },
      { name: 'int' },
      { name: 'datetime2', scale: 7 },
      { name: 'numeric', precision: 21, scale: 2 },
    ]);
  });

  test('keeps quotes, brackets, semicolons and comments in their places', async () => {
    const { rows } = await run(
      session,
      `SELECT N'it''s; -- no comment' AS [a "b]] c]]], /* one /* two */ */ '[x]' AS "d""e"; -- done`,
    );
    expect(rows).toEqual([{ 'a "b] c]': "it's; -- no comment", 'd"e': '[x]' }]);
  });
});
