import { expect, test } from 'vitest';
import { batchKind, setsSessionOnly } from './batch-kind.ts';

test.each([
  ['SELECT 1', 'run'],
  ['USE [music]', 'run'],
  ['use "MUSIC"; CREATE TABLE t (n int)', 'run'],
  ["SELECT 'USE other'", 'run'],
  ['SELECT 1 -- USE other', 'run'],
  ["SELECT 1 OPTION (USE HINT ('x'))", 'run'],
  ["IF DB_ID(N'music') IS NULL CREATE DATABASE music", 'left-out'],
  ['DROP DATABASE other', 'left-out'],
  ['DROP TABLE t', 'run'],
  ["PRINT 'DROP DATABASE music'", 'run'],
  ['CREATE DATABASE music; CREATE TABLE t (n int)', 'refused'],
  ['USE other', 'refused'],
  ['USE [mus]]ic]', 'refused'],
])('%s: %s', (sql, kind) => {
  expect(batchKind(sql, 'Music').kind).toBe(kind);
});

test.each([
  ['SET IDENTITY_INSERT [dbo].[Artist] ON', true],
  ['SET NOCOUNT ON;\nset ansi_nulls on -- as ever', true],
  ['SET @n = 1', false],
  ['SET NOCOUNT ON\nDELETE FROM t', false],
  ['UPDATE t\nSET n = 1', false],
  ['-- nothing', false],
])('%j sets its session only: %s', (sql, answer) => {
  expect(setsSessionOnly(sql)).toBe(answer);
});
