import { definedModule } from './defined-module.ts';
import { takeSetting } from './session-settings.ts';
import type { SqlToken } from './sql-lexer.ts';
import { TokenCursor } from './token-cursor.ts';

/**
 * Words that may follow a `COMMIT` without changing anything: they end the batch, print, or handle errors. Any other
 * word would be work that the `COMMIT` does not cover.
 */
const closing: ReadonlySet<string> = new Set([
  ...[
    'AND',
    'AS',
    'BEGIN',
    'CATCH',
    'COMMIT',
    'ELSE',
    'END',
    'IF',
    'IS',
    'LOG',
    'NOT',
    'NOWAIT',
    'NULL',
    'OR',
  ],
  ...['PRINT', 'RAISERROR', 'RETURN', 'ROLLBACK', 'SELECT', 'THROW', 'TRAN', 'TRANSACTION', 'TRY'],
  ...['WITH', 'WORK', 'XACT_STATE'],
  ...['ERROR_LINE', 'ERROR_MESSAGE', 'ERROR_NUMBER', 'ERROR_PROCEDURE', 'ERROR_SEVERITY', 'ERROR_STATE'],
]);

/**
 * Whether a batch must run without our transaction around it, because it would do something else within one. There, its
 * `COMMIT` ends only the inner transaction and its `ROLLBACK` ends all of them. A batch that does part of its work
 * outside of what it rolls back would therefore lose all of it: what it did before its `BEGIN TRANSACTION`, what it
 * committed, or everything, if it tests `@@TRANCOUNT > 0`.
 *
 * @param count how often the batch is run
 * @param within whether it runs in the script's own transaction, which an earlier batch began
 */
export function needsNoneAround(tokens: readonly SqlToken[], count: number, within: boolean): boolean {
  if (definedModule(tokens) !== undefined) return false;
  // If it begins a transaction again after a ROLLBACK, the COMMIT after the batch would end that one instead of ours.
  if (within) return !endsWithCommit(tokens) || (takesBack(tokens) && begun(tokens) > 0);
  return takesBack(tokens) && !(isOneTransaction(tokens, count) && endsWithCommit(tokens));
}

/** Whether a batch rolls a transaction back; `ALTER DATABASE … WITH ROLLBACK IMMEDIATE` does so to other sessions. */
export function takesBack(tokens: readonly SqlToken[]): boolean {
  return (
    definedModule(tokens) === undefined &&
    tokens.some((token, at) => isWord(token, 'ROLLBACK') && !isWord(tokens[at - 1], 'WITH'))
  );
}

/** Whether a batch that leaves a transaction open has done nothing outside of it. */
export function beginsWithTransaction(tokens: readonly SqlToken[], count: number): boolean {
  return isOneTransaction(tokens, count) && !tokens.some((token) => isWord(token, 'COMMIT'));
}

/**
 * Whether nothing is lost if the code that a batch calls rolls back the transaction around the batch: it calls one
 * procedure, or runs one text, and has done nothing before.
 */
export function callsFirst(tokens: readonly SqlToken[]): boolean {
  const calls = tokens.filter((token) => isWord(token, 'EXEC') || isWord(token, 'EXECUTE')).length;
  // A call without that word is the first statement of the batch.
  if (calls === 0) return true;
  const cursor = new TokenCursor(tokens);
  takePreparations(cursor);
  return calls === 1 && (cursor.words('EXEC') || cursor.words('EXECUTE'));
}

/** Whether a batch consists of preparations and then one transaction. */
function isOneTransaction(tokens: readonly SqlToken[], count: number): boolean {
  const cursor = new TokenCursor(tokens);
  takePreparations(cursor);
  return (
    count === 1 &&
    begun(tokens) === 1 &&
    (cursor.words('BEGIN', 'TRAN') || cursor.words('BEGIN', 'TRANSACTION'))
  );
}

function begun(tokens: readonly SqlToken[]): number {
  return tokens.filter((token, at) => isWord(token, 'BEGIN') && isTransaction(tokens[at + 1])).length;
}

/**
 * Whether nothing is done after the first `COMMIT`, if there is one, and nothing that it committed can be rolled back.
 */
function endsWithCommit(tokens: readonly SqlToken[]): boolean {
  const commit = tokens.findIndex((token) => isWord(token, 'COMMIT'));
  if (commit === -1) return true;
  return tokens.slice(commit).every((token, at, rest) => {
    if (token.kind === 'name') return isTransaction(rest[at - 1]);
    if (isWord(token, 'ROLLBACK')) return isInstead(rest, at);
    if (isWord(token, 'BEGIN') && isTransaction(rest[at + 1])) return false;
    return token.kind !== 'word' || closing.has(token.text) || token.text.startsWith('@');
  });
}

/** Whether a `ROLLBACK` is an alternative to the `COMMIT` that the tokens begin with: after `ELSE`, or in a `CATCH`. */
function isInstead(tokens: readonly SqlToken[], at: number): boolean {
  const before = tokens.slice(0, at);
  if (isWord(before.at(-1), 'ELSE') || (isWord(before.at(-1), 'BEGIN') && isWord(before.at(-2), 'ELSE')))
    return true;
  const caught = before.findIndex((token) => isWord(token, 'CATCH'));
  const count = before.filter((token) => isWord(token, 'CATCH')).length;
  return (
    count === 1 &&
    !before.slice(0, caught).some((token) => isWord(token, 'THROW') || isWord(token, 'RAISERROR'))
  );
}

/** Takes statements that change nothing a transaction could roll back: settings, variables, messages. */
export function takePreparations(cursor: TokenCursor): void {
  while (
    cursor.symbol(';') ||
    cursor.words('BEGIN', 'TRY') ||
    (cursor.words('PRINT') && cursor.kind('string')) ||
    (cursor.words('DECLARE') && takeDeclaration(cursor)) ||
    takeSetting(cursor)
  );
}

function takeDeclaration(cursor: TokenCursor): boolean {
  do {
    if (!cursor.kind('word')) return false;
    cursor.words('AS');
    if (!cursor.multipartName()) return false;
    cursor.parentheses();
    if (cursor.symbol('=') && !(cursor.number() || cursor.kind('string') || cursor.words('NULL')))
      return false;
  } while (cursor.symbol(','));
  return true;
}

function isTransaction(token: SqlToken | undefined): boolean {
  return isWord(token, 'TRAN') || isWord(token, 'TRANSACTION');
}

function isWord(token: SqlToken | undefined, text: string): boolean {
  return token?.kind === 'word' && token.text === text;
}
