import { unsupported } from '../../sql-error.ts';
import type { Run } from '../engine/execution.ts';
import { modify } from '../engine/modifications.ts';
import { translateChange, translateInsert } from '../translation/modifications.ts';
import type { Expression } from './ast.ts';
import { parseExpression } from './expressions.ts';
import { parseQuery, skipHints } from './queries.ts';
import type { TokenStream } from './token-stream.ts';

export function parseInsert(tokens: TokenStream): Run {
  const target = parseTarget(tokens, 'INSERT', 'INTO');
  const columns =
    tokens.is('(') && !tokens.is('(', 'SELECT') ? tokens.parenthesised(() => tokens.name()) : [];
  refuse(tokens, 'INSERT', 'OUTPUT', 'EXEC', 'EXECUTE', 'DEFAULT');
  const source = tokens.accept('VALUES')
    ? tokens.list(() => tokens.parenthesised(() => parseExpression(tokens)))
    : parseQuery(tokens);
  const insert = { target, columns, source };
  return modify('INSERT', (translation, { identityInsert }) =>
    translateInsert(translation, insert, identityInsert),
  );
}

export function parseUpdate(tokens: TokenStream): Run {
  const target = parseTarget(tokens, 'UPDATE');
  tokens.expect('SET');
  const set = tokens.list(() => {
    const column = tokens.name();
    return { column, expression: parseAssigned(tokens, { kind: 'column', path: [column] }) };
  });
  const change = { target, set, where: parseWhere(tokens, 'UPDATE') };
  return modify('UPDATE', (translation) => translateChange(translation, change));
}

export function parseDelete(tokens: TokenStream): Run {
  const target = parseTarget(tokens, 'DELETE', 'FROM');
  const change = { target, where: parseWhere(tokens, 'DELETE') };
  return modify('DELETE', (translation) => translateChange(translation, change));
}

/** Parses what follows `=`, or `+=` and similar operators. */
export function parseAssigned(tokens: TokenStream, left: Expression): Expression {
  const operator = tokens.acceptAny('=', '+=', '-=', '*=', '/=') ?? tokens.fail();
  const right = parseExpression(tokens);
  return operator === '=' ? right : { kind: 'binary', operator: operator.charAt(0), left, right };
}

function parseTarget(tokens: TokenStream, verb: string, noise = verb) {
  tokens.expect(verb);
  refuse(tokens, verb, 'TOP', 'BULK');
  if (noise !== verb) tokens.accept(noise);
  const target = tokens.objectName();
  skipHints(tokens);
  return target;
}

function parseWhere(tokens: TokenStream, verb: string) {
  refuse(tokens, verb, 'OUTPUT', 'FROM');
  return tokens.accept('WHERE') ? parseExpression(tokens) : undefined;
}

function refuse(tokens: TokenStream, verb: string, ...words: string[]): void {
  const { key } = tokens.peek();
  if (words.includes(key)) throw unsupported(`${verb} … ${key}`);
}
