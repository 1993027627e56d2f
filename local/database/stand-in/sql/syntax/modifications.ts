import { unsupported } from '../../sql-error.ts';
import { parseExpression } from './expressions.ts';
import { parseQuery, parseSource, skipHints } from './queries.ts';
import type { Output, StatementBody } from './statements.ts';
import type { TokenStream } from './token-stream.ts';

export function parseInsert(tokens: TokenStream): StatementBody {
  tokens.expect('INSERT');
  if (tokens.is('TOP') || tokens.is('BULK')) throw unsupported(`INSERT ${tokens.peek().key}`);
  tokens.accept('INTO');
  const target = tokens.objectName();
  skipHints(tokens);
  const columns =
    tokens.is('(') && !tokens.is('(', 'SELECT') ? tokens.parenthesised(() => tokens.name()) : [];
  const output = parseOutput(tokens);
  if (tokens.accept('DEFAULT', 'VALUES'))
    return { kind: 'insert', target, columns, source: 'default', ...output };
  if (tokens.is('EXEC') || tokens.is('EXECUTE')) throw unsupported('INSERT … EXEC');
  return { kind: 'insert', target, columns, source: parseQuery(tokens), ...output };
}

export function parseUpdate(tokens: TokenStream): StatementBody {
  tokens.expect('UPDATE');
  if (tokens.is('TOP')) throw unsupported('UPDATE TOP');
  const target = tokens.objectName();
  skipHints(tokens);
  tokens.expect('SET');
  const set = tokens.list(() => {
    let column = tokens.name();
    while (tokens.accept('.')) column = tokens.name();
    const operator = tokens.acceptAny('=', '+=', '-=', '*=', '/=');
    if (!operator) tokens.fail();
    const right = parseExpression(tokens);
    if (operator === '=') return { column, expression: right };
    const left = { kind: 'column', path: [column] } as const;
    return { column, expression: { kind: 'binary', operator: operator.charAt(0), left, right } as const };
  });
  const output = parseOutput(tokens);
  return { kind: 'update', target, set, ...output, ...parseFromWhere(tokens) };
}

export function parseDelete(tokens: TokenStream): StatementBody {
  tokens.expect('DELETE');
  if (tokens.is('TOP')) throw unsupported('DELETE TOP');
  tokens.accept('FROM');
  const target = tokens.objectName();
  skipHints(tokens);
  const output = parseOutput(tokens);
  return { kind: 'delete', target, ...output, ...parseFromWhere(tokens) };
}

function parseFromWhere(tokens: TokenStream) {
  const from = tokens.accept('FROM') ? tokens.list(() => parseSource(tokens)) : [];
  return { from, ...(tokens.accept('WHERE') ? { where: parseExpression(tokens) } : {}) };
}

function parseOutput(tokens: TokenStream): { output?: Output } {
  if (tokens.peek().key !== 'OUTPUT') return {};
  tokens.next();
  const columns: Output['columns'] = tokens.list(() => {
    const table = tokens.name().toLowerCase();
    if (table !== 'inserted' && table !== 'deleted') tokens.fail();
    tokens.expect('.');
    const name = tokens.accept('*') ? '*' : tokens.name();
    return tokens.accept('AS') ? { table, name, alias: tokens.name() } : { table, name };
  });
  if (tokens.is('INTO')) throw unsupported('OUTPUT … INTO');
  return { output: { columns } };
}
