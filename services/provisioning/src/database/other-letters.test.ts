import { expect, test } from 'vitest';
import { otherLetters } from './other-letters.ts';

test.each<[string, string[]]>([
  ['USE Music', []],
  ['USE [Music]; SELECT 1', []],
  ['USE music', ['music']],
  ['USE [MUSIC]', ['MUSIC']],
  ['use "mUSIC"', ['mUSIC']],
  ['USE other', []],
  ["CREATE DATABASE music ON PRIMARY (NAME = N'x')", ['music']],
  ["IF DB_ID(N'x') IS NULL CREATE DATABASE [mUsic]", ['mUsic']],
  ['DROP DATABASE IF EXISTS music', ['music']],
  ['DROP DATABASE a, Music, MUSIC', ['MUSIC']],
  ['ALTER DATABASE music SET READ_ONLY', ['music']],
  ['USE music\nUSE music\nUSE MUSIC', ['music', 'MUSIC']],
  // Names of other objects, strings and comments.
  ['CREATE TABLE music (n int)', []],
  ["PRINT 'USE music' -- USE music", []],
  ['SELECT * FROM music.dbo.t', []],
  ['ALTER DATABASE CURRENT SET RECOVERY SIMPLE', []],
  ['USE', []],
  ['DROP DATABASE', []],
])('%s', (sql, names) => {
  expect(otherLetters(sql, 'Music')).toEqual(names);
});
