import { unsupported } from '../../sql-error.ts';
import { parseExpression } from './expressions.ts';
import { parseQuery, skipHints } from './queries.ts';
import type { StatementBody } from './statements.ts';
import type { TokenStream } from './token-stream.ts';

export function parseInsert(tokens: TokenStream): StatementBody {
  const target = parseTarget(tokens, 'INSERT', 'INTO');
  const columns =
    tokens.is('(') && !tokens.is('(', 'SELECT') ? tokens.parenthesised(() => tokens.name()) : [];
  refuse(tokens, 'INSERT', 'OUTPUT', 'EXEC', 'EXECUTE', 'DEFAULT');
  const source = tokens.accept('VALUES')
    ? tokens.list(() => tokens.parenthesised(() => parseExpression(tokens)))
    : parseQuery(tokens);
  return { kind: 'insert', target, columns, source };
}

export function parseUpdate(tokens: TokenStream): StatementBody {
  const target = parseTarget(tokens, 'UPDATE');
  tokens.expect('SET');
  const set = tokens.list(() => {
    const column = tokens.name();
    return { column, expression: parseAssigned(tokens, { kind: 'column', path: [column] }) };
  });
  return { kind: 'update', target, set, ...parseWhere(tokens, 'UPDATE') };
}

export function parseDelete(tokens: TokenStream): StatementBody {
  const target = parseTarget(tokens, 'DELETE', 'FROM');
  return { kind: 'delete', target, ...parseWhere(tokens, 'DELETE') };
}

/** What comes after `=`, or after `+=` and its like. */
export function parseAssigned(tokens: TokenStream, left: Parameters<typeof combine>[1]) {
  const operator = tokens.acceptAny('=', '+=', '-=', '*=', '/=') ?? tokens.fail();
  return combine(operator, left, parseExpression(tokens));
}

type Expression = ReturnType<typeof parseExpression>;

function combine(operator: string, left: Expression, right: Expression): Expression {
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
  return tokens.accept('WHERE') ? { where: parseExpression(tokens) } : {};
}

function refuse(tokens: TokenStream, verb: string, ...words: string[]): void {
  const { key } = tokens.peek();
  if (words.includes(key)) throw unsupported(`${verb} … ${key}`);
}
