import type { TokenCursor } from './token-cursor.ts';

/** Words of the options of `CREATE DATABASE` (Transact-SQL reference), outside parentheses. */
const creationWords: ReadonlySet<string> = new Set([
  'CATALOG_COLLATION',
  'CONTAINMENT',
  'CONTAINS',
  'DATABASE_DEFAULT',
  'DB_CHAINING',
  'DEFAULT',
  'DEFAULT_FULLTEXT_LANGUAGE',
  'DEFAULT_LANGUAGE',
  'FILESTREAM',
  'LEDGER',
  'LOG',
  'MEMORY_OPTIMIZED_DATA',
  'NESTED_TRIGGERS',
  'NONE',
  'OFF',
  'ON',
  'PARTIAL',
  'PRIMARY',
  'TRANSFORM_NOISE_WORDS',
  'TRUSTWORTHY',
  'TWO_DIGIT_YEAR_CUTOFF',
  'WITH',
]);
/** States into which scripts put a database so that it can be dropped. */
const states: ReadonlySet<string> = new Set([
  'OFFLINE',
  'ONLINE',
  'SINGLE_USER',
  'RESTRICTED_USER',
  'MULTI_USER',
]);
/** Words of conditions, outside parentheses; conditions also consist of names and constants. */
const conditionWords: ReadonlySet<string> = new Set([
  'AND',
  'DB_ID',
  'DB_NAME',
  'EXISTS',
  'IN',
  'IS',
  'LIKE',
  'NOT',
  'NULL',
  'OR',
]);

/** The databases that a batch makes or drops, if it does nothing else. */
export interface DatabaseStatements {
  readonly databases: readonly string[];
}

/**
 * Recognizes a batch that only makes or drops databases: `CREATE DATABASE`, `DROP DATABASE` and what scripts write
 * around them (a condition, a block, `USE master`, ending other sessions, `PRINT`, `SET NOCOUNT`).
 *
 * @returns `undefined` if the batch contains anything else
 */
export function databaseStatements(cursor: TokenCursor): DatabaseStatements | undefined {
  const databases: string[] = [];
  while (!cursor.atEnd) {
    if (cursor.symbol(';')) continue;
    if (!takeStatement(cursor, databases)) return undefined;
  }
  return databases.length > 0 ? { databases } : undefined;
}

function takeStatement(cursor: TokenCursor, databases: string[]): boolean {
  if (cursor.words('IF')) return takeIf(cursor, databases);
  if (cursor.words('BEGIN')) return takeBlock(cursor, databases);
  if (cursor.words('CREATE', 'DATABASE')) return takeName(cursor, databases) && takeCreationOptions(cursor);
  if (cursor.words('DROP', 'DATABASE')) {
    cursor.words('IF', 'EXISTS');
    do if (!takeName(cursor, databases)) return false;
    while (cursor.symbol(','));
    return true;
  }
  if (cursor.words('ALTER', 'DATABASE')) {
    return (cursor.words('CURRENT') || takeName(cursor, databases)) && takeState(cursor);
  }
  if (cursor.words('USE')) return cursor.name()?.toLowerCase() === 'master';
  if (cursor.words('PRINT')) return cursor.kind('string');
  // Any other setting would also affect the batches after this one.
  return cursor.words('SET', 'NOCOUNT', 'ON') || cursor.words('SET', 'NOCOUNT', 'OFF');
}

function takeIf(cursor: TokenCursor, databases: string[]): boolean {
  while (
    cursor.parentheses() ||
    cursor.oneOf(conditionWords) ||
    cursor.kind('string', 'number', 'name') ||
    ['=', '<', '>', '!'].some((symbol) => cursor.symbol(symbol))
  );
  if (!takeStatement(cursor, databases)) return false;
  while (cursor.symbol(';'));
  return !cursor.words('ELSE') || takeStatement(cursor, databases);
}

function takeBlock(cursor: TokenCursor, databases: string[]): boolean {
  while (!cursor.words('END')) {
    if (cursor.symbol(';')) continue;
    if (!takeStatement(cursor, databases)) return false;
  }
  return true;
}

function takeName(cursor: TokenCursor, databases: string[]): boolean {
  const name = cursor.name();
  if (name !== undefined) databases.push(name);
  return name !== undefined;
}

function takeCreationOptions(cursor: TokenCursor): boolean {
  for (;;) {
    if (cursor.words('COLLATE') || cursor.words('FILEGROUP')) {
      if (cursor.name() === undefined) return false;
    } else if (cursor.symbol('=')) {
      if (!cursor.number() && cursor.name() === undefined) return false;
    } else if (!(cursor.oneOf(creationWords) || cursor.parentheses() || cursor.symbol(','))) return true;
  }
}

function takeState(cursor: TokenCursor): boolean {
  if (!(cursor.words('SET') && cursor.oneOf(states))) return false;
  if (!cursor.words('WITH')) return true;
  if (cursor.words('NO_WAIT') || cursor.words('ROLLBACK', 'IMMEDIATE')) return true;
  if (!(cursor.words('ROLLBACK', 'AFTER') && cursor.number())) return false;
  cursor.words('SECONDS');
  return true;
}
