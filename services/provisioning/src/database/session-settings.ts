import { definedModule } from './defined-module.ts';
import type { SqlToken } from './sql-lexer.ts';
import { quoteIdentifier, quoteText } from './sql-session.ts';
import { TokenCursor } from './token-cursor.ts';

/** Options that `SET … ON` and `SET … OFF` switch for the session, one or more in a statement. */
const switches: ReadonlySet<string> = new Set([
  'ANSI_DEFAULTS',
  'ANSI_NULLS',
  'ANSI_NULL_DFLT_OFF',
  'ANSI_NULL_DFLT_ON',
  'ANSI_PADDING',
  'ANSI_WARNINGS',
  'ARITHABORT',
  'ARITHIGNORE',
  'CONCAT_NULL_YIELDS_NULL',
  'CURSOR_CLOSE_ON_COMMIT',
  'FORCEPLAN',
  'IMPLICIT_TRANSACTIONS',
  'NOCOUNT',
  'NUMERIC_ROUNDABORT',
  'QUOTED_IDENTIFIER',
  'REMOTE_PROC_TRANSACTIONS',
  'XACT_ABORT',
]);
const onOff: ReadonlySet<string> = new Set(['ON', 'OFF']);
const numbers: ReadonlySet<string> = new Set([
  'DATEFIRST',
  'LOCK_TIMEOUT',
  'QUERY_GOVERNOR_COST_LIMIT',
  'ROWCOUNT',
  'TEXTSIZE',
]);
const dateFormats: ReadonlySet<string> = new Set(['MDY', 'DMY', 'YMD', 'YDM', 'MYD', 'DYM']);
const priorities: ReadonlySet<string> = new Set(['LOW', 'NORMAL', 'HIGH']);
const statistics: ReadonlySet<string> = new Set(['IO', 'TIME', 'XML', 'PROFILE']);

/**
 * Takes one statement that only sets an option of its session, in one of the forms of the Transact-SQL reference, "SET
 * statements"; running it again changes nothing. A statement must match one of these forms completely. After `false`
 * the cursor is somewhere within the statement.
 */
export function takeSetting(cursor: TokenCursor): boolean {
  if (!cursor.words('SET')) return false;
  if (cursor.words('IDENTITY_INSERT')) return cursor.multipartName() && cursor.oneOf(onOff);
  if (cursor.words('TRANSACTION', 'ISOLATION', 'LEVEL')) return takeIsolationLevel(cursor);
  if (cursor.words('STATISTICS')) return takeList(cursor, statistics) && cursor.oneOf(onOff);
  if (cursor.words('DATEFORMAT')) return cursor.oneOf(dateFormats);
  if (cursor.words('LANGUAGE')) return cursor.kind('string') || cursor.name() !== undefined;
  if (cursor.words('DEADLOCK_PRIORITY')) return cursor.oneOf(priorities) || cursor.number();
  if (cursor.words('CONTEXT_INFO')) return cursor.kind('number');
  if (cursor.oneOf(numbers)) return cursor.number();
  return takeList(cursor, switches) && cursor.oneOf(onOff);
}

/** Words with which a batch may skip some of its statements. */
const conditions: ReadonlySet<string> = new Set(['BEGIN', 'GOTO', 'IF', 'RETURN', 'THROW', 'WHILE']);

/**
 * The settings that a batch makes among other things, in order and each as a statement. Empty for a batch that may have
 * skipped some of its statements.
 */
export function settingsAmong(tokens: readonly SqlToken[]): string[] {
  const isOpen = tokens.some(({ kind, text }) => kind === 'word' && conditions.has(text));
  if (isOpen || definedModule(tokens) !== undefined) return [];
  return tokens.flatMap((_, at) => {
    const cursor = new TokenCursor(tokens.slice(at));
    // ALTER DATABASE … SET is not a setting of the session.
    const before = tokens[at - 2];
    if ((before?.kind === 'word' && before.text === 'DATABASE') || !takeSetting(cursor)) return [];
    return [written(tokens.slice(at, at + cursor.taken))];
  });
}

function written(tokens: readonly SqlToken[]): string {
  const texts = tokens.map(({ kind, text, written: asItWas }) =>
    kind === 'name' ? quoteIdentifier(text) : kind === 'string' ? quoteText(text) : asItWas,
  );
  return texts.join(' ').replace(/ ([-+]) (?=\d+$)/, ' $1');
}

function takeList(cursor: TokenCursor, names: ReadonlySet<string>): boolean {
  do if (!cursor.oneOf(names)) return false;
  while (cursor.symbol(','));
  return true;
}

function takeIsolationLevel(cursor: TokenCursor): boolean {
  return (
    cursor.words('READ', 'UNCOMMITTED') ||
    cursor.words('READ', 'COMMITTED') ||
    cursor.words('REPEATABLE', 'READ') ||
    cursor.words('SERIALIZABLE') ||
    cursor.words('SNAPSHOT')
  );
}
