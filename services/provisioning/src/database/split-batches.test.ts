import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitBatches } from './split-batches.ts';
import { sqlTokens } from './sql-lexer.ts';

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
])('GO within %s separates nothing', (_, script) => {
  expect(texts(script)).toEqual([script]);
});

test.each([
  ['a line comment that opens a string', "SELECT 1 -- don't\nGO\nSELECT 2", 2],
  ['a string that opens a comment', "SELECT '/*'\nGO\nSELECT '*/'", 2],
  ['a comment that ends on the line of GO', 'SELECT 1 /*\n*/ GO\nSELECT 2', 1],
  ['an apostrophe in a comment after GO', "SELECT 1\nGO -- don't\nSELECT 2\nGO", 2],
  ['a commented-out comment', '--/*\nSELECT 1\nGO\n--*/\nSELECT 2', 2],
  ['brackets in a string', "SELECT '['\nGO\nSELECT ']'", 2],
  ['a number that repeats nothing but comments', '-- nothing\nGO 5\nSELECT 1', 1],
  [':r within a string', "SELECT '\n:r other.sql\n'", 1],
  ['a function that begins with colons', 'SELECT * FROM\n::fn_helpcollations()', 1],
  ['Windows line endings', 'SELECT 1\r\nGO\r\nSELECT 2\r\nGO\r\n', 2],
  ['line endings of old Macs', '-- a comment\rSELECT 1\rGO\rSELECT 2\rGO 2\r', 2],
  ['mixed line endings', '-- a comment\rSELECT 1\r\nGO\nSELECT 2\rGO\r\n\rSELECT 3', 3],
  ['a variable of sqlcmd in a comment', 'SELECT 1 -- $(Name)', 1],
  ['dollars that are no variables', "SELECT N'$(a b)', N'$()', N'$(''a'')', N'$(f(x))', N'$ (x)'", 1],
  ['EXIT and ED as parts of lines', 'SELECT 1 AS\nEXITS\n, ED\nFROM t', 1],
  ['a join with a table of errors', 'SELECT 1 FROM t JOIN Error\nON Error.id = t.id', 1],
])('with %s, batches are still counted correctly', (_, script, count) => {
  expect(splitBatches('music.sql', script)).toHaveLength(count);
});

test('a comment ends at CR alone, and lines are counted by it', () => {
  expect(split('-- one\rSELECT 1\rGO\r\r\nSELECT 2')).toEqual([
    { sql: '-- one\nSELECT 1', line: 1, count: 1 },
    { sql: 'SELECT 2', line: 5, count: 1 },
  ]);
});

test('line ends within quotations reach the server as they are', () => {
  for (const end of ['\r', '\n', '\r\n']) {
    const script = `SELECT 'a${end}b' AS [c${end}d]`;
    expect(texts(script)).toEqual([script]);
  }
});

test('the hash is that of the text, whatever the line endings', () => {
  const hashes = (script: string) => splitBatches('music.sql', script).map(({ sha256 }) => sha256);
  for (const end of ['\r\n', '\r']) {
    expect(hashes(`SELECT 1,${end}2${end}GO`)).toEqual(hashes('SELECT 1,\n2\nGO'));
  }
  expect(hashes('SELECT 1\nGO 2')).not.toEqual(hashes('SELECT 1\nGO'));
});

test.each([
  ['SELECT 1\nGO 0', 'music.sql, line 2: GO 0 would run nothing'],
  ['SELECT 1\nGO;', 'music.sql, line 2: "GO;" does not separate batches: write GO alone'],
  ['SELECT 1\nGO -1', 'music.sql, line 2: "GO -1" does not separate batches'],
  ['SELECT 1\n  go twice', 'music.sql, line 2: "go twice" does not separate batches'],
  ['SELECT 1\n:r other.sql', 'music.sql, line 2: :r is a command of sqlcmd'],
  ['!!dir', 'music.sql, line 1: !! is a command of sqlcmd'],
  [':!! dir', 'music.sql, line 1: :!! is a command of sqlcmd'],
  ['SELECT 1\rGO\r:setvar x 1', 'music.sql, line 3: :setvar is a command of sqlcmd'],
  [':on error exit', 'music.sql, line 1: :on is a command of sqlcmd'],
  ['SELECT 1\nGO\nexit', 'music.sql, line 3: exit is a command of sqlcmd'],
  ['EXIT(SELECT 1)', 'music.sql, line 1: EXIT is a command of sqlcmd'],
  ['  QUIT -- here', 'music.sql, line 1: QUIT is a command of sqlcmd'],
  ['RESET', 'music.sql, line 1: RESET is a command of sqlcmd'],
  ['ed\nSELECT 1', 'music.sql, line 1: ed is a command of sqlcmd'],
  ['ON ERROR EXIT', 'music.sql, line 1: ON ERROR is a command of sqlcmd'],
  ['on error ignore\nSELECT 1', 'music.sql, line 1: on error is a command of sqlcmd'],
  [
    "SELECT 1\nGO\nINSERT t VALUES (N'$(Environment)')",
    'music.sql, line 3: $(Environment) is a variable of sqlcmd',
  ],
  ['USE [$(DatabaseName)]', 'music.sql, line 1: $(DatabaseName) is a variable of sqlcmd'],
  ['SELECT $(n)', 'music.sql, line 1: $(n) is a variable of sqlcmd'],
  ["SELECT N'$(1)'", 'music.sql, line 1: $(1) is a variable of sqlcmd'],
  ['SELECT $(a.b)', 'music.sql, line 1: $(a.b) is a variable of sqlcmd'],
  [
    'SELECT 1\nGO 99999999999999999999',
    'music.sql, line 2: GO 99999999999999999999 is more than sqlcmd can count',
  ],
  ['SELECT 1\nGO 2147483648', 'music.sql, line 2: GO 2147483648 is more than'],
  ['SELECT 1\nGO 5 5', 'music.sql, line 2: "GO 5 5" does not separate batches'],
  ['', 'There is no statement in the script music.sql'],
  ['-- nothing\nGO\n/* here */\nGO\n', 'There is no statement in the script music.sql'],
  ['-- all of it\tis a comment\u2028SELECT 1', 'There is no statement in the script music.sql'],
  // If the comment were cut off here, its content would be run: DELETE FROM t -- */
  [
    'SELECT 1\nGO /* not now\nDELETE FROM t -- */\nSELECT 2',
    'music.sql, line 2: the comment after GO continues',
  ],
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
    fc.property(
      fc.array(batch, { minLength: 1, maxLength: 5 }),
      fc.constantFrom('\n', '\r\n', '\r'),
      (batches, end) => {
        expect(texts(batches.join(`${end}GO${end}`))).toEqual(batches);
      },
    ),
  );
});

test('words, names and strings are distinguished, and comments are skipped', () => {
  const tokens = sqlTokens("create /* table */ database [dr]]op], \"as\" -- view\n N'it''s' 0x1F @n.x");
  expect(tokens.map(({ kind, text }) => `${kind} ${text}`)).toEqual([
    'word CREATE',
    'word DATABASE',
    'name dr]op',
    'symbol ,',
    'name as',
    "string it's",
    'number 0x1F',
    'word @N',
    'symbol .',
    'word X',
  ]);
});
