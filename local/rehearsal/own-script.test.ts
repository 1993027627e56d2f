import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { connectSqlServer, provisionDatabase } from '@services/provisioning';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { administer } from '../database/administer.ts';
import { startSqlServerWithoutDomain, type TestDatabase } from '../testing/sql-server-without-domain.ts';

/** How the stand-in runs a user's own script (`database.script`). */
let server: TestDatabase;
beforeAll(async () => {
  server = await startSqlServerWithoutDomain({ standIn: true });
});
afterAll(() => server?.stop());

const query = (database: string, sql: string) => administer(server, [`USE [${database}]`, sql]);

async function apply(database: string, text: string): Promise<void> {
  const { address: host, port, tlsName, administrator } = server;
  const authorities = await readFile(server.authorityFile, 'utf8');
  await provisionDatabase({
    connect: (credentials) => connectSqlServer({ host, port, tlsName, authorities }, credentials),
    administrator: async () => administrator,
    database,
    login: `CORP\\${database}`,
    roles: text.includes('CREATE ROLE curators') ? ['db_datareader', 'curators'] : ['db_datareader'],
    scripts: [{ name: 'own.sql', text, sha256: createHash('sha256').update(text).digest('hex') }],
    owner: 'test',
  });
}

test('a script in the form of the Chinook database is applied', async () => {
  await apply(
    'chinook',
    `
SET QUOTED_IDENTIFIER ON;
SET ANSI_NULLS ON;
GO
CREATE TABLE [dbo].[Genre]
(
    [GenreId] INT NOT NULL IDENTITY,
    [Name] NVARCHAR(120),
    CONSTRAINT [PK_Genre] PRIMARY KEY CLUSTERED ([GenreId])
);
GO
CREATE TABLE [dbo].[Track]
(
    [TrackId] INT NOT NULL,
    [Name] NVARCHAR(200) NOT NULL,
    [GenreId] INT,
    [Added] DATETIME NOT NULL DEFAULT GETDATE(),
    [UnitPrice] NUMERIC(10,2) NOT NULL
);
GO
ALTER TABLE [dbo].[Track] ADD CONSTRAINT [PK_Track] PRIMARY KEY ([TrackId]);
ALTER TABLE [dbo].[Track] ADD CONSTRAINT [FK_TrackGenreId]
    FOREIGN KEY ([GenreId]) REFERENCES [dbo].[Genre] ([GenreId]) ON DELETE NO ACTION ON UPDATE NO ACTION;
GO
CREATE INDEX [IFK_TrackGenreId] ON [dbo].[Track] ([GenreId]);
GO
SET IDENTITY_INSERT [dbo].[Genre] ON;
INSERT INTO [dbo].[Genre] ([GenreId], [Name]) VALUES (7, N'Rock'), (8, N'Ísland''s own');
SET IDENTITY_INSERT [dbo].[Genre] OFF;
INSERT INTO [dbo].[Genre] ([Name]) VALUES (N'Jazz');
INSERT INTO [dbo].[Track] ([TrackId], [Name], [GenreId], [Added], [UnitPrice])
SELECT 1, N'One', 7, '2009/1/1', 0.99 UNION ALL SELECT 2, N'Two', 7, '2009/1/2', 1.99;
INSERT INTO [dbo].[Track] ([TrackId], [Name], [UnitPrice]) VALUES (3, N'Three', 1.50);
GO
DECLARE @n INT = 3;
SET @n += 1;
INSERT INTO Track (TrackId, Name, UnitPrice) VALUES (@n, CONCAT(N'Number ', @n), @n * 0.5);
IF NOT EXISTS (SELECT * FROM Track WHERE Name LIKE N'Z%') UPDATE Track SET Name = UPPER(Name) WHERE TrackId = 1;
DELETE FROM Track WHERE TrackId BETWEEN 5 AND 9;
PRINT N'done';
GO
CREATE ROLE curators;
GO
GRANT INSERT ON SCHEMA::dbo TO curators;
`,
  );
  expect(await query('chinook', 'SELECT GenreId FROM Genre ORDER BY GenreId')).toEqual([
    { GenreId: 7 },
    { GenreId: 8 },
    { GenreId: 9 },
  ]);
  const genres = `SELECT g.Name AS genre, COUNT(*) AS tracks, SUM(t.UnitPrice) AS price FROM Track AS t
    LEFT JOIN Genre AS g ON g.GenreId = t.GenreId GROUP BY g.Name HAVING COUNT(*) > 0 ORDER BY tracks DESC, genre`;
  expect(await query('chinook', genres)).toEqual([
    { genre: null, tracks: 2, price: 3.5 },
    { genre: 'Rock', tracks: 2, price: 2.98 },
  ]);
  expect(await query('chinook', 'SELECT TOP 1 Name FROM Track ORDER BY TrackId')).toEqual([{ Name: 'ONE' }]);
});

test('a column that is neither grouped by nor in an aggregate is an error, as it is in SQL Server', async () => {
  for (const sql of [
    'SELECT name, COUNT(*) FROM sys.tables',
    'SELECT name, schema_id FROM sys.tables GROUP BY name',
    'SELECT COUNT(*) FROM sys.tables GROUP BY name ORDER BY schema_id',
  ]) {
    await expect(administer(server, [sql])).rejects.toThrow(/invalid in the select list/);
  }
});

/** Each entry: one line of a script, and the feature that the error must name. */
test.each([
  ['CREATE VIEW v AS SELECT 1 AS one', 'CREATE VIEW'],
  ['CREATE PROCEDURE p AS SELECT 1', 'CREATE PROCEDURE'],
  ['CREATE FUNCTION f() RETURNS int AS BEGIN RETURN 1 END', 'CREATE FUNCTION'],
  ['CREATE TRIGGER t ON Track AFTER INSERT AS SELECT 1', 'CREATE TRIGGER'],
  ['CREATE SEQUENCE s', 'CREATE SEQUENCE'],
  ['CREATE TABLE t (a int, b AS a * 2)', 'A computed column'],
  ['CREATE TABLE t (a xml)', 'The data type xml'],
  ['CREATE TABLE t (a nvarchar(9) COLLATE Latin1_General_CS_AS)', 'The collation Latin1_General_CS_AS'],
  ['DROP VIEW v', 'DROP VIEW'],
  ['ALTER TABLE t DROP COLUMN a', 'ALTER TABLE … DROP'],
  ['ALTER AUTHORIZATION ON SCHEMA::s TO dbo', 'ALTER AUTHORIZATION'],
  ['WHILE 1 = 1 SELECT 1', 'WHILE'],
  ["RAISERROR(N'No', 16, 1)", 'RAISERROR'],
  ["WAITFOR DELAY '00:00:01'", 'WAITFOR'],
  ['CREATE TABLE #t (a int)', 'A temporary table'],
  ['SELECT * FROM (SELECT 1 AS a) AS t', 'A derived table'],
  ['MERGE t USING s ON 1 = 1', 'MERGE'],
  ['TRUNCATE TABLE t', 'TRUNCATE'],
  ['WITH c AS (SELECT 1 AS one) SELECT * FROM c', 'WITH'],
  ['BEGIN TRY SELECT 1 END TRY BEGIN CATCH SELECT 2 END CATCH', 'BEGIN TRY'],
  ["THROW 50001, N'No', 1", 'THROW'],
  ['DENY SELECT ON t TO u', 'DENY'],
  ['REVOKE SELECT ON t TO u', 'REVOKE'],
  ['INSERT INTO t OUTPUT inserted.a VALUES (1)', 'INSERT … OUTPUT'],
  ['UPDATE t SET a = 1 FROM s', 'UPDATE … FROM'],
  ['SELECT 1 AS a UNION SELECT 2', 'UNION without ALL'],
  ['SELECT 1 AS a ORDER BY a OFFSET 1 ROWS', 'OFFSET'],
  ['SELECT 1 AS a FOR JSON PATH', 'FOR'],
  ['SELECT ROW_NUMBER() OVER (ORDER BY name) FROM sys.tables', 'ROW_NUMBER with OVER'],
  ["SELECT STRING_AGG(name, ',') FROM sys.tables", 'The function STRING_AGG'],
  ['SELECT DATEADD(day, 1, GETDATE())', 'The function DATEADD'],
  ['SELECT dbo.f(1)', 'The function dbo.f'],
  ["SELECT * FROM OPENJSON(N'{}')", 'The table function OPENJSON'],
  ['SELECT * FROM sys.dm_exec_sessions', 'The view sys.dm_exec_sessions'],
  ['SELECT * FROM master.dbo.t', 'master.dbo.t'],
  ['SELECT 1 AS a INTO t', 'SELECT … INTO'],
  ['DECLARE @t TABLE (a int)', 'A table variable'],
  ["EXEC sp_rename N'a', N'b'", 'The procedure sp_rename'],
  ['SET ROWCOUNT 5', 'SET ROWCOUNT 5'],
  ['SET DATEFORMAT dmy', 'SET DATEFORMAT dmy'],
  ['SET ANSI_NULLS OFF', 'SET ANSI_NULLS OFF'],
])('%s is refused with an error that names it', async (sql, named) => {
  const failure = await apply('refused', sql).catch((error: Error) => error);
  expect((failure as Error).message).toContain(`${named}`);
  expect((failure as Error).message).toMatch(
    /^own\.sql, line 1, batch 1 of 1: .* is not supported by this SQL Server stand-in\. \(SQL Server error 40515\)/,
  );
});
