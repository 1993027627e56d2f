import { takePreparations } from './own-transactions.ts';
import type { SqlToken } from './sql-lexer.ts';
import { TokenCursor } from './token-cursor.ts';

/**
 * Functions about the previous statement. `@@ERROR` is not one of them: it rightly says that nothing failed, or else
 * the script would have ended.
 */
const ofStatementBefore: ReadonlySet<string> = new Set([
  '@@IDENTITY',
  '@@ROWCOUNT',
  'ROWCOUNT_BIG',
  'SCOPE_IDENTITY',
]);
const asking: ReadonlySet<string> = new Set(['IF', 'PRINT', 'RETURN', 'SELECT', 'WHILE']);

/**
 * The function with which a batch asks, before it has done anything, about a statement of the batch before it.
 * Provisioning records its work between the two, so the answer would be about that record.
 */
export function asksOfEarlierBatch(tokens: readonly SqlToken[]): string | undefined {
  const at = tokens.findIndex(({ kind, text }) => kind === 'word' && ofStatementBefore.has(text));
  if (at === -1) return undefined;
  const cursor = new TokenCursor(tokens.slice(0, at));
  takePreparations(cursor);
  return isWithinFirst(cursor) ? tokens[at]?.written : undefined;
}

/** Whether the remaining tokens are the beginning of one statement, which has done nothing yet. */
function isWithinFirst(cursor: TokenCursor): boolean {
  if (cursor.words('INSERT')) {
    cursor.words('INTO');
    if (!cursor.multipartName()) return false;
    cursor.parentheses();
    // Only within the values: after them, another statement may be the one that asks.
    if (cursor.words('VALUES')) return cursor.symbol('(') && !cursor.closes();
    return cursor.words('SELECT') && cursor.atEnd;
  }
  if (cursor.words('UPDATE')) {
    return cursor.multipartName() && cursor.words('SET') && isCompared(cursor);
  }
  if (cursor.words('DELETE')) {
    cursor.words('FROM');
    return cursor.multipartName() && cursor.words('WHERE') && isCompared(cursor);
  }
  if (cursor.words('EXEC') || cursor.words('EXECUTE')) {
    if (!cursor.multipartName()) return false;
    return cursor.variable() === undefined ? cursor.atEnd : cursor.symbol('=') && cursor.atEnd;
  }
  cursor.oneOf(asking);
  if (cursor.kind('word') && !cursor.symbol('=')) return false;
  while (cursor.symbol('('));
  return cursor.atEnd;
}

function isCompared(cursor: TokenCursor): boolean {
  return cursor.multipartName() && cursor.symbol('=') && cursor.atEnd;
}
