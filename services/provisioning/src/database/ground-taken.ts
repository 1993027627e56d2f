import type { SqlToken } from './sql-lexer.ts';
import { TokenCursor } from './token-cursor.ts';

/** Procedures of SQL Server and of Amazon RDS that drop, rename, detach or overwrite a database. */
const procedures: ReadonlySet<string> = new Set([
  'RDS_DROP_DATABASE',
  'RDS_MODIFY_DB_NAME',
  'RDS_RESTORE_DATABASE',
  'RDS_RESTORE_LOG',
  'SP_DBREMOVE',
  'SP_DETACH_DB',
  'SP_RENAMEDB',
]);

/** States in which the database cannot be written. */
const unwritable: readonly string[] = ['READ_ONLY', 'EMERGENCY'];

const beginnings: ReadonlySet<string> = new Set(['RESTORE', 'SP_RENAME', 'ALTER']);
/** How many tokens to read from there: enough for `sp_rename` with its parameters' names, or for a list of options. */
const longest = 60;
/** States that lock other sessions out of the database, and those that let them in again. */
const exclusive: readonly string[] = ['SINGLE_USER', 'RESTRICTED_USER', 'OFFLINE'];
const shared: ReadonlySet<string> = new Set(['MULTI_USER', 'ONLINE']);

/**
 * Finds what a batch does, other than by `CREATE` and `DROP`, so that later batches find no database or another one.
 *
 * @returns the words that do it, or `undefined`
 */
export function groundTaken(tokens: readonly SqlToken[], database: string): string | undefined {
  const name = ({ kind, text }: SqlToken) => (kind === 'word' || kind === 'name' ? text.toUpperCase() : '');
  const called = tokens.find((token) => procedures.has(name(token)));
  if (called) return called.written;
  // A reserved word, which can be a name only in brackets.
  if (tokens.some(({ kind, text }) => kind === 'word' && text === 'SHUTDOWN')) return 'SHUTDOWN';
  for (const [at, token] of tokens.entries()) {
    // A procedure's name may be quoted, the first word of a statement may not.
    if (!beginnings.has(name(token) === 'SP_RENAME' ? name(token) : wordOf(token))) continue;
    const taken = takenBy(tokens.slice(at, at + longest), database);
    if (taken !== undefined) return taken;
  }
  return undefined;
}

function takenBy(statement: readonly SqlToken[], database: string): string | undefined {
  let cursor = new TokenCursor(statement);
  if (cursor.words('RESTORE', 'DATABASE') || cursor.words('RESTORE', 'LOG')) return 'RESTORE';
  if (cursor.name()?.toUpperCase() === 'SP_RENAME') return renamesDatabase(cursor) ? 'sp_rename' : undefined;
  cursor = new TokenCursor(statement);
  if (!takeAltered(cursor, database)) return undefined;
  if (cursor.words('MODIFY', 'NAME')) return 'MODIFY NAME';
  const state = options(cursor).find((option) => unwritable.includes(option));
  return state && `SET ${state}`;
}

/** Whether a batch puts this database into a state that locks other sessions out, and leaves it there. */
export function shutsOut(tokens: readonly SqlToken[], database: string): boolean {
  if (tokens.some(({ kind, text }) => kind === 'word' && shared.has(text))) return false;
  return tokens.some((_, at) => {
    const cursor = new TokenCursor(tokens.slice(at, at + longest));
    return takeAltered(cursor, database) && options(cursor).some((option) => exclusive.includes(option));
  });
}

function takeAltered(cursor: TokenCursor, database: string): boolean {
  if (!cursor.words('ALTER', 'DATABASE')) return false;
  const altered = cursor.name()?.toUpperCase();
  return altered === database.toUpperCase() || altered === 'CURRENT';
}

/** The option names in `SET RECOVERY SIMPLE, COMPATIBILITY_LEVEL = 150, READ_ONLY`. */
function options(cursor: TokenCursor): string[] {
  const found: string[] = [];
  if (!cursor.words('SET')) return found;
  do {
    const option = cursor.name();
    if (option === undefined) break;
    found.push(option.toUpperCase());
    cursor.symbol('=');
    if (!cursor.number()) cursor.name();
    cursor.parentheses();
  } while (cursor.symbol(','));
  return found;
}

/**
 * Whether the third argument of `sp_rename`, or its `@objtype`, is `DATABASE`: as a string, or as a word that T-SQL
 * treats as one.
 */
function renamesDatabase(cursor: TokenCursor): boolean {
  for (let position = 1; ; position += 1) {
    const named = cursor.variable();
    const isNamed = named !== undefined && cursor.symbol('=');
    const value = named === undefined || isNamed ? (cursor.string() ?? cursor.name()) : named;
    const isType = isNamed ? named.toUpperCase() === '@OBJTYPE' : position === 3;
    if (isType && value?.toUpperCase() === 'DATABASE') return true;
    if (!cursor.symbol(',')) return false;
  }
}

function wordOf({ kind, text }: SqlToken): string {
  return kind === 'word' ? text : '';
}
