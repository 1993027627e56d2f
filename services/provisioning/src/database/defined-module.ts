import type { SqlToken } from './sql-lexer.ts';
import { TokenCursor } from './token-cursor.ts';

const moduleKinds: ReadonlySet<string> = new Set(['PROCEDURE', 'PROC', 'FUNCTION', 'VIEW', 'TRIGGER']);

/** The last part of the name of the procedure, function, view or trigger that a batch makes or changes. */
export function definedModule(tokens: readonly SqlToken[]): string | undefined {
  const cursor = new TokenCursor(tokens);
  while (cursor.symbol(';'));
  if (!(cursor.words('CREATE', 'OR', 'ALTER') || cursor.words('CREATE') || cursor.words('ALTER')))
    return undefined;
  if (!cursor.oneOf(moduleKinds)) return undefined;
  let name = cursor.name();
  while (cursor.symbol('.')) name = cursor.name() ?? name;
  return name;
}
