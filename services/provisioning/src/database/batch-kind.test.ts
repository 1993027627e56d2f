import fc from 'fast-check';
import { expect, test } from 'vitest';
import { batchKind, setsSessionOnly } from './batch-kind.ts';

test.each([
  ['SELECT 1', 'run'],
  ['USE [music]', 'run'],
  ['use "MUSIC"; CREATE TABLE t (n int)', 'run'],
  ["SELECT 'USE other'", 'run'],
  ['SELECT 1 -- USE other', 'run'],
  ["SELECT 1 OPTION (USE HINT ('x'))", 'run'],
  ["SELECT 1 OPTION (RECOMPILE, USE PLAN N'<x/>')", 'run'],
  ['CREATE TABLE Parcel ([Land Use Code] int, [use other] int)', 'run'],
  ['CREATE TABLE Parcel ("Drop Database" int, "create database x" int)', 'run'],
  ['USE other', 'refused'],
  ['USE [mus]]ic]', 'refused'],
  ['USE master', 'refused'],
  ['SELECT 1 USE [other] SELECT 2', 'refused'],
  ['IF 1 = 1 USE other', 'refused'],
])('only statements change databases, %s: %s', (sql, kind) => {
  expect(batchKind(sql, 'Music').kind).toBe(kind);
});

test.each([
  'CREATE DATABASE music',
  'create database [Music];',
  "IF DB_ID(N'music') IS NULL CREATE DATABASE music",
  "IF NOT EXISTS (SELECT * FROM sys.databases WHERE name = 'music')\nBEGIN\n  CREATE DATABASE [music]\nEND",
  "IF DB_ID('music') IS NOT NULL DROP DATABASE music; ELSE PRINT 'There is none.'",
  'DROP DATABASE IF EXISTS [music]',
  'USE master; DROP DATABASE music',
  'SET NOCOUNT ON\nCREATE DATABASE music',
  "IF EXISTS (SELECT name FROM master.dbo.sysdatabases WHERE name = N'music')\nBEGIN\n" +
    'ALTER DATABASE [music] SET OFFLINE WITH ROLLBACK IMMEDIATE;\nALTER DATABASE [music] SET ONLINE;\n' +
    'DROP DATABASE [music];\nEND',
  'ALTER DATABASE music SET SINGLE_USER WITH ROLLBACK AFTER 10 SECONDS DROP DATABASE music',
  "CREATE DATABASE [music] CONTAINMENT = NONE ON PRIMARY (NAME = N'music', FILENAME = N'C:\\m.mdf'), FILEGROUP [fg] " +
    "(NAME = N'x', FILENAME = N'y') LOG ON (NAME = N'l', FILENAME = N'z') COLLATE Latin1_General_CI_AS " +
    'WITH CATALOG_COLLATION = DATABASE_DEFAULT, LEDGER = OFF',
])('a batch that only makes or drops the database is left out: %s', (sql) => {
  expect(batchKind(sql, 'Music').kind).toBe('left-out');
});

test.each([
  'CREATE DATABASE music; CREATE TABLE t (n int)',
  'DROP DATABASE IF EXISTS music; EXEC dbo.Migrate',
  "IF DB_ID('music') IS NULL CREATE DATABASE music; CREATE ROLE r; GRANT SELECT TO r",
  'CREATE DATABASE music; CREATE SCHEMA sales',
  "IF DB_ID('music') IS NULL CREATE DATABASE music ELSE EXEC dbo.Migrate",
  'CREATE DATABASE music DBCC SHRINKDATABASE (music)',
  'CREATE DATABASE music GRANT CONNECT TO guest',
  'CREATE DATABASE music ALTER DATABASE music SET RECOVERY SIMPLE',
  'BEGIN CREATE DATABASE music; KILL 55 END',
  'DROP DATABASE music TRUNCATE TABLE t',
  'DROP DATABASE music dbo.Migrate',
  'CREATE DATABASE music AS SNAPSHOT OF other',
  'CREATE DATABASE other',
  'DROP DATABASE music, other',
  'DECLARE @n int CREATE DATABASE music',
  'USE other; CREATE DATABASE music',
  'SET QUOTED_IDENTIFIER OFF CREATE DATABASE music',
  'SET XACT_ABORT ON; DROP DATABASE IF EXISTS music',
  'ALTER DATABASE other SET OFFLINE; DROP DATABASE music',
  "CREATE DATABASE music ON (NAME = 'a', FILENAME = 'b') FOR ATTACH",
  'BEGIN TRY CREATE DATABASE music END TRY BEGIN CATCH PRINT ERROR_MESSAGE() END CATCH',
  "EXEC msdb.dbo.sp_delete_database_backuphistory N'music'; DROP DATABASE music",
  // Names that could begin a phrase of two words, and strings that read like the word before a permission.
  'DROP DATABASE Audit',
  'CREATE DATABASE scoped;',
  'drop database Encryption, Audit',
  "IF DB_ID('Audit') IS NOT NULL DROP DATABASE Audit",
  'DROP DATABASE Audit [specification]',
  "PRINT ',' DROP DATABASE other",
  "PRINT N'GRANT' CREATE DATABASE other",
])('a batch that makes or drops a database and does more is refused: %s', (sql) => {
  expect(batchKind(sql, 'Music')).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('database'),
  });
});

test.each([
  "CREATE DATABASE SCOPED CREDENTIAL c WITH IDENTITY = 'x'",
  'DROP DATABASE SCOPED CREDENTIAL c',
  'CREATE DATABASE AUDIT SPECIFICATION a FOR SERVER AUDIT s',
  'CREATE DATABASE ENCRYPTION KEY WITH ALGORITHM = AES_256 ENCRYPTION BY SERVER CERTIFICATE c',
  'DROP DATABASE ENCRYPTION KEY',
  'GRANT CREATE DATABASE TO [CORP\\team]',
  'DENY VIEW DEFINITION, CREATE DATABASE TO x',
  'REVOKE GRANT OPTION FOR CREATE DATABASE FROM x',
  'CREATE TRIGGER t ON DATABASE FOR DROP_TABLE AS ROLLBACK',
  'CREATE OR ALTER PROCEDURE p AS CREATE DATABASE other',
  "PRINT 'DROP DATABASE music'",
  "EXEC(N'DROP DATABASE other')",
  'DROP TABLE t',
  'CREATE TABLE t (DATABASE_NAME int)',
  'ALTER DATABASE music SET RECOVERY SIMPLE',
  'ALTER DATABASE CURRENT SET SINGLE_USER; UPDATE t SET n = 1; ALTER DATABASE CURRENT SET MULTI_USER',
  "EXECUTE AS USER = 'x'; SELECT 1; REVERT",
  "DECLARE @c varbinary(100); EXECUTE AS USER = 'x' WITH COOKIE INTO @c; SELECT 1; REVERT WITH COOKIE = @c",
  'CREATE PROCEDURE p WITH EXECUTE AS OWNER AS SELECT 1',
  'IF @@ERROR <> 0 SET NOEXEC ON',
  'SET IMPLICIT_TRANSACTIONS ON; UPDATE t SET n = 1; COMMIT; SET IMPLICIT_TRANSACTIONS OFF',
  'SET ANSI_DEFAULTS OFF',
  'CREATE PROCEDURE p AS SET IMPLICIT_TRANSACTIONS ON',
  "SETUSER 'x'; SELECT 1; SETUSER",
  'SETUSER',
  "DECLARE @c varbinary(8000); EXEC sp_setapprole 'a', 'b', @fCreateCookie = 1, @cookie = @c OUT; EXEC sp_unsetapprole @c",
  "EXEC sp_rename 'dbo.Album.Name', 'Title', 'COLUMN'",
  'ALTER DATABASE music SET COMPATIBILITY_LEVEL = 150',
  'ALTER DATABASE music SET QUERY_STORE = ON (OPERATION_MODE = READ_WRITE), AUTO_SHRINK OFF',
  'ALTER DATABASE other SET SINGLE_USER',
  'ALTER DATABASE music SET MULTI_USER WITH ROLLBACK IMMEDIATE',
  'ALTER AUTHORIZATION ON DATABASE::music TO sa',
  'ALTER DATABASE music MODIFY FILE (NAME = music, SIZE = 10MB)',
  "BACKUP DATABASE music TO DISK = N'x'",
  'CREATE TABLE Restore_Database (n int)',
  'INSERT t VALUES (1) SELECT SCOPE_IDENTITY()',
  'INSERT t DEFAULT VALUES SELECT @id = SCOPE_IDENTITY()',
  'UPDATE t SET n = 1 SELECT @n = @@ROWCOUNT',
  'DELETE t WHERE n = 1 IF @@ROWCOUNT = 0 PRINT 1',
  'EXEC p @n = 1 SELECT @@ROWCOUNT',
  'EXEC p SELECT @@ROWCOUNT',
  "EXEC sp_rename 'dbo.t.x', 'DATABASE', 'COLUMN'",
  "EXEC sp_rename 'DATABASE', 'x'",
  'CREATE TABLE provisioning.stock (n int)',
  'SELECT applied_batch FROM t',
  'INSERT INTO t (n) VALUES (1); INSERT u VALUES (@@IDENTITY)',
  'UPDATE t SET n = 1 IF @@ROWCOUNT = 0 PRINT 1',
  'SELECT n FROM t SELECT @@ROWCOUNT',
  'EXEC p SET @n = @@ROWCOUNT',
  'IF @@ERROR <> 0 ROLLBACK',
  'CREATE PROCEDURE p AS SELECT @@ROWCOUNT',
  'SELECT [@@ROWCOUNT] FROM t -- @@IDENTITY',
])('a batch that makes or drops no database is run: %s', (sql) => {
  expect(batchKind(sql, 'Music').kind).toBe('run');
});

test.each([
  [
    'INSERT INTO dbo.u (n, m) VALUES (2, SCOPE_IDENTITY())',
    'SCOPE_IDENTITY says nothing about the batch before',
  ],
  ['DECLARE @id int = @@IDENTITY; INSERT u VALUES (@id)', '@@IDENTITY says nothing about the batch before'],
  ['SET NOCOUNT ON DECLARE @id int SELECT @id = scope_identity()', 'scope_identity says nothing'],
  ['declare @id int; set @id = (SCOPE_IDENTITY())', 'SCOPE_IDENTITY says nothing'],
  ['IF @@ROWCOUNT <> 15 ROLLBACK', '@@ROWCOUNT says nothing about the batch before'],
  ['INSERT u SELECT SCOPE_IDENTITY(), 1', 'SCOPE_IDENTITY says nothing'],
  ['UPDATE dbo.t SET n = @@IDENTITY', '@@IDENTITY says nothing'],
  ['DELETE FROM t WHERE t.n = SCOPE_IDENTITY()', 'SCOPE_IDENTITY says nothing'],
  ['EXEC dbo.p @id = @@IDENTITY', '@@IDENTITY says nothing'],
  ['DROP TABLE [Provisioning].[applied_batch]', 'leave them alone'],
  ['TRUNCATE TABLE music.provisioning.applied_script', 'leave them alone'],
  ['EXEC sp_rename "music", "other", "DATABASE"', 'sp_rename takes the database away'],
  ["EXEC [sys].[sp_rename] N'music', N'other', N'DATABASE'", 'sp_rename takes the database away'],
  ["EXEC sp_rename @objtype = 'database', @objname = 'music', @newname = @n", 'sp_rename takes the database'],
  ["EXEC [sys].[sp_setapprole] 'reader', 'secret'", 'sp_unsetapprole in the same batch'],
  ['SET NOEXEC ON', 'runs none'],
  ['set showplan_xml on;', 'runs none'],
  ['ALTER DATABASE [music] SET SINGLE_USER WITH ROLLBACK IMMEDIATE', 'locks others out'],
  ['ALTER DATABASE CURRENT SET OFFLINE', 'locks others out'],
  ['USE music ALTER DATABASE [music] SET SINGLE_USER WITH ROLLBACK IMMEDIATE', 'locks others out'],
  ['IF 1 = 1 BEGIN ALTER DATABASE music SET RESTRICTED_USER END', 'locks others out'],
  ['ALTER DATABASE music SET AUTO_CLOSE OFF, SINGLE_USER WITH NO_WAIT', 'locks others out'],
  ['ALTER DATABASE music SET RECOVERY SIMPLE, READ_ONLY', 'SET READ_ONLY takes the database away'],
  ['ALTER DATABASE music SET COMPATIBILITY_LEVEL = 150, EMERGENCY', 'SET EMERGENCY takes the database away'],
  ['SET IMPLICIT_TRANSACTIONS ON', 'with SET IMPLICIT_TRANSACTIONS ON each statement begins a transaction'],
  ['SET NOCOUNT, IMPLICIT_TRANSACTIONS, XACT_ABORT ON', 'with SET IMPLICIT_TRANSACTIONS ON'],
  ['IF 1 = 1 SET ANSI_DEFAULTS ON; SELECT 1', 'with SET ANSI_DEFAULTS ON'],
  ['USE [master]', 'works only in Music, not in master: remove this USE'],
  ['use tempdb SELECT 1', 'works only in Music, not in tempdb'],
  ["EXECUTE AS LOGIN = 'x'", 'write REVERT'],
  ["EXECUTE AS LOGIN = 'x' WITH NO REVERT", 'write REVERT'],
  ["EXECUTE AS USER = 'x'; REVERT; EXEC AS USER = 'y'", 'write REVERT'],
  ["SETUSER 'x' WITH NORESET; SELECT 1; SETUSER", 'write REVERT, SETUSER'],
  ["SETUSER 'x'", 'write REVERT, SETUSER'],
  ["EXEC sp_setapprole 'reader', 'secret'", 'sp_unsetapprole in the same batch'],
  ['ALTER DATABASE music MODIFY NAME = other', 'MODIFY NAME takes the database away'],
  ['SELECT 1; alter database [Music] modify name = other', 'MODIFY NAME takes the database away'],
  ['ALTER DATABASE CURRENT SET READ_ONLY WITH NO_WAIT', 'SET READ_ONLY takes the database away'],
  ['ALTER DATABASE music SET EMERGENCY', 'SET EMERGENCY takes the database away'],
  ["EXEC sp_renamedb 'music', 'other'", 'sp_renamedb takes the database away'],
  ["EXEC sp_rename 'music', 'other', 'DATABASE'", 'sp_rename takes the database away'],
  ["exec msdb.dbo.rds_drop_database N'music'", 'rds_drop_database takes the database away'],
  ["EXEC [msdb].[dbo].[rds_modify_db_name] N'music', N'x'", 'rds_modify_db_name takes the database away'],
  ["sp_detach_db 'music'", 'sp_detach_db takes the database away'],
  ['SHUTDOWN WITH NOWAIT', 'SHUTDOWN takes the database away'],
  ["IF @@VERSION LIKE N'x%' SHUTDOWN", 'SHUTDOWN takes the database away'],
  ["RESTORE DATABASE music FROM DISK = N'x' WITH REPLACE", 'RESTORE takes the database away'],
])('a batch that would keep the later ones from working is refused: %s', (sql, reason) => {
  expect(batchKind(sql, 'Music')).toMatchObject({ kind: 'refused', reason: expect.stringContaining(reason) });
});

test('a database whose name begins such a phrase is made by provisioning, too', () => {
  for (const sql of ['CREATE DATABASE Audit', 'DROP DATABASE AUDIT; CREATE DATABASE Audit'])
    expect(batchKind(sql, 'Audit').kind).toBe('left-out');
});

const settings = [
  'SET IDENTITY_INSERT [dbo].[Artist] ON',
  'SET IDENTITY_INSERT music..Artist OFF',
  'SET NOCOUNT ON',
  'set ansi_nulls on -- as ever',
  'SET ANSI_NULLS, QUOTED_IDENTIFIER OFF',
  'SET ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL, QUOTED_IDENTIFIER ON;',
  'SET NUMERIC_ROUNDABORT OFF;',
  'SET DATEFIRST 1',
  'SET DATEFORMAT dmy',
  'SET LANGUAGE Deutsch',
  "SET LANGUAGE N'British English'",
  'SET LOCK_TIMEOUT -1',
  'SET DEADLOCK_PRIORITY HIGH',
  'SET TRANSACTION ISOLATION LEVEL READ COMMITTED',
  'SET STATISTICS IO, TIME OFF',
  'SET XACT_ABORT ON',
  'USE [music]',
];

test.each(settings)('%s sets its session only', (sql) => {
  expect(setsSessionOnly(sql, 'Music')).toBe(true);
});

test('so does any sequence of them, with and without semicolons', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...settings), { minLength: 1 }),
      fc.constantFrom('\n', ';\n', '\n;;'),
      (statements, between) => setsSessionOnly(statements.join(between), 'Music'),
    ),
  );
});

test.each([
  'SET @n = 1',
  'SET NOCOUNT ON\nDELETE FROM t',
  'SET NOCOUNT ON INSERT INTO t VALUES (1)',
  'SET NOCOUNT ON EXEC dbo.Migrate',
  'SET NOCOUNT ON; dbo.Migrate',
  'SET NOCOUNT ON dbo.Migrate',
  'SET IDENTITY_INSERT t ON INSERT t (n) VALUES (1)',
  'SET LANGUAGE Deutsch UPDATE t SET n = 1',
  "SET LANGUAGE N'Deutsch' [dbo].[Migrate]",
  'SET DATEFIRST 1 TRUNCATE TABLE t',
  'SET DATEFIRST @n',
  'SET DATEFORMAT dmy DROP TABLE t',
  'SET TRANSACTION ISOLATION LEVEL SNAPSHOT BEGIN TRANSACTION',
  'SET ROWCOUNT 5 DELETE t',
  'SET SOMETHING ON',
  'SET NOEXEC ON',
  'UPDATE t\nSET n = 1',
  'USE other',
  'IF 1 = 1 SET NOCOUNT ON',
  '-- nothing',
])('%j does more than that, or cannot be understood', (sql) => {
  expect(setsSessionOnly(sql, 'Music')).toBe(false);
});
