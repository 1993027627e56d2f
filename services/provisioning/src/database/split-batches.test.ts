import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitBatches } from './split-batches.ts';
import { sqlWords } from './sql-lexer.ts';

const split = (script: string) =>
  splitBatches('music.sql', script).map(({ sql, line, count }) => ({ sql, line, count }));
const texts = (script: string) => splitBatches('music.sql', script).map(({ sql }) => sql);

test('a line with GO ends a batch, in any case, with blanks around it', () => {
  expect(split('SELECT 1\nGO\n\n  SELECT 2\n  go  \nSELECT 3')).toEqual([
    { sql: 'SELECT 1', line: 1, count: 1 },
    { sql: '  SELECT 2', line: 4, count: 1 },
    { sql: 'SELECT 3', line: 6, count: 1 },
  ]);
});

test('a number after GO repeats the batch, and comments may follow it', () => {
  expect(split('SELECT 1\nGO 5\nSELECT 2\nGO 2 -- twice\nSELECT 3\nGO /* end */')).toMatchObject([
    { count: 5 },
    { count: 2 },
    { count: 1 },
  ]);
});

test.each([
  ['a string', "SELECT '\nGO\n'"],
  ['a string with doubled quotes', "SELECT 'it''s\nGO\n'"],
  ['a quoted identifier', 'SELECT "a\nGO\n"'],
  ['a bracketed identifier', 'SELECT [a]]\nGO\n]'],
  ['a block comment', '/*\nGO\n*/ SELECT 1'],
  ['a block comment inside another', '/* /* */\nGO\n*/ SELECT 1'],
  ['a word', 'SELECT GO\n  , GOAL\nFROM t'],
  ['a line with something after it', 'SELECT 1 AS\nGO, 2 AS x'],
  ['a nested comment with an apostrophe', '/* don\'t /* " */ [\nGO\n*/ SELECT 1'],
  ['a string that ends in a doubled quote', "SELECT 'a''\nGO\n'''"],
  ['a bracketed identifier with quotes', 'SELECT [a\'"\nGO\n]'],
])('GO within %s is none', (_, script) => {
  expect(texts(script)).toEqual([script]);
});

test.each([
  ['a line comment that opens a string', "SELECT 1 -- don't\nGO\nSELECT 2", 2],
  ['a string that opens a comment', "SELECT '/*'\nGO\nSELECT '*/'", 2],
  ['a comment that ends on the line of GO', 'SELECT 1 /*\n*/ GO\nSELECT 2', 1],
  ['no more than comments', '-- nothing\nGO\n/* here */\nGO\n', 0],
  ['an apostrophe in a comment after GO', "SELECT 1\nGO -- don't\nSELECT 2\nGO", 2],
  ['a commented-out comment', '--/*\nSELECT 1\nGO\n--*/\nSELECT 2', 2],
  ['brackets in a string', "SELECT '['\nGO\nSELECT ']'", 2],
  ['a number that repeats nothing but comments', '-- nothing\nGO 5\nSELECT 1', 1],
  [':r within a string', "SELECT '\n:r other.sql\n'", 1],
  ['a function that begins with colons', 'SELECT * FROM\n::fn_helpcollations()', 1],
  ['Windows line endings', 'SELECT 1\r\nGO\r\nSELECT 2\r\nGO\r\n', 2],
])('with %s it still counts right', (_, script, count) => {
  expect(splitBatches('music.sql', script)).toHaveLength(count);
});

test('the hash is that of the text, whatever the line endings', () => {
  const hashes = (script: string) => splitBatches('music.sql', script).map(({ sha256 }) => sha256);
  expect(hashes('SELECT 1,\r\n2\r\nGO')).toEqual(hashes('SELECT 1,\n2\nGO'));
  expect(hashes('SELECT 1\nGO 2')).not.toEqual(hashes('SELECT 1\nGO'));
});

test.each([
  ['SELECT 1\nGO 0', 'music.sql, line 2: GO 0 would run nothing'],
  ['SELECT 1\nGO;', 'music.sql, line 2: "GO;" separates no batches: write GO alone'],
  ['SELECT 1\nGO -1', 'music.sql, line 2: "GO -1" separates no batches'],
  ['SELECT 1\n  go twice', 'music.sql, line 2: "go twice" separates no batches'],
  ['SELECT 1\n:r other.sql', 'music.sql, line 2: :r is a command of sqlcmd'],
  ['!!dir', 'music.sql, line 1: !! is a command of sqlcmd'],
  ["SELECT 1\nGO\nSELECT 'open", 'music.sql, line 3: the string that begins here does not end'],
  ['/* /* */', 'music.sql, line 1: the comment that begins here does not end'],
])('%j is refused with file and line', (script, message) => {
  expect(() => splitBatches('music.sql', script)).toThrow(message);
});

test('whatever stands in strings, identifiers and comments, batches come out as they went in', () => {
  const inner = fc.stringMatching(/^[a-z\n'"[\]GO ]{0,12}$/);
  const piece = fc.oneof(
    inner.map((text) => `N'${text.replaceAll("'", "''")}'`),
    inner.map((text) => `[${text.replaceAll(']', ']]')}]`),
    inner.map((text) => `"${text.replaceAll('"', '""')}"`),
    inner.map((text) => `/*${text}*/`),
    fc.constant('-- GO\n'),
    fc.constant(' SELECT 1\n'),
  );
  const batch = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => `x ${pieces.join(' ')} y`);
  fc.assert(
    fc.property(fc.array(batch, { minLength: 1, maxLength: 5 }), (batches) => {
      expect(texts(batches.join('\nGO\n'))).toEqual(batches);
    }),
  );
});

test('words are read outside of comments and quotations alone', () => {
  expect(sqlWords("create /* table */ database [drop] -- view\n if exists 'insert'")).toEqual([
    'CREATE',
    'DATABASE',
    'IF',
    'EXISTS',
  ]);
});
