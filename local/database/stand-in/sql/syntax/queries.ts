import { unsupported } from '../../sql-error.ts';
import type { Expression, Query, QueryBody, Select, SelectItem, Source } from './ast.ts';
import { parseExpression, parseOrder, parseValue } from './expressions.ts';
import type { TokenStream } from './token-stream.ts';

/** A query with its WITH, ORDER BY and OFFSET. */
export function parseQuery(tokens: TokenStream): Query {
  const ctes = tokens.accept('WITH')
    ? tokens.list(() => {
        const name = tokens.name();
        const columns = tokens.is('(') ? { columns: tokens.parenthesised(() => tokens.name()) } : {};
        tokens.expect('AS', '(');
        const query = parseQuery(tokens);
        tokens.expect(')');
        return { name, ...columns, query };
      })
    : [];
  const body = parseBody(tokens);
  const orderBy = tokens.accept('ORDER', 'BY') ? parseOrder(tokens) : [];
  let page: Pick<Query, 'offset' | 'fetch'> = {};
  if (orderBy.length > 0 && tokens.accept('OFFSET')) {
    page = { offset: parseExpression(tokens) };
    if (!tokens.acceptAny('ROWS', 'ROW')) tokens.fail();
    if (tokens.accept('FETCH')) {
      if (!tokens.acceptAny('NEXT', 'FIRST')) tokens.fail();
      page = { ...page, fetch: parseExpression(tokens) };
      if (!tokens.acceptAny('ROWS', 'ROW')) tokens.fail();
      tokens.expect('ONLY');
    }
  }
  if (tokens.is('FOR') || tokens.is('OPTION')) throw unsupported(`${tokens.peek().key} after a query`);
  return { with: ctes, body, orderBy, ...page };
}

function parseBody(tokens: TokenStream): QueryBody {
  let left = parseTerm(tokens);
  for (;;) {
    const operator = tokens.acceptAny('UNION', 'EXCEPT', 'INTERSECT') as
      | 'UNION'
      | 'EXCEPT'
      | 'INTERSECT'
      | undefined;
    if (!operator) return left;
    const all = operator === 'UNION' && tokens.accept('ALL');
    left = { kind: 'compound', operator: all ? 'UNION ALL' : operator, left, right: parseTerm(tokens) };
  }
}

function parseTerm(tokens: TokenStream): QueryBody {
  if (tokens.is('(')) {
    tokens.expect('(');
    const body = parseBody(tokens);
    tokens.expect(')');
    return body;
  }
  if (tokens.accept('VALUES')) return { kind: 'values', rows: parseRows(tokens) };
  return parseSelect(tokens);
}

/** The rows after VALUES; DEFAULT among the values is not supported. */
export function parseRows(tokens: TokenStream): Expression[][] {
  return tokens.list(() => tokens.parenthesised(() => parseExpression(tokens)));
}

function parseSelect(tokens: TokenStream): Select {
  tokens.expect('SELECT');
  const distinct = tokens.accept('DISTINCT');
  if (!distinct) tokens.accept('ALL');
  const top = tokens.accept('TOP') ? { top: parseTop(tokens) } : {};
  const items = tokens.list(() => parseItem(tokens));
  if (tokens.is('INTO')) throw unsupported('SELECT … INTO');
  const from = tokens.accept('FROM') ? tokens.list(() => parseSource(tokens)) : [];
  const where = tokens.accept('WHERE') ? { where: parseExpression(tokens) } : {};
  const groupBy = tokens.accept('GROUP', 'BY') ? tokens.list(() => parseExpression(tokens)) : [];
  const having = tokens.accept('HAVING') ? { having: parseExpression(tokens) } : {};
  return { kind: 'select', distinct, ...top, items, from, ...where, groupBy, ...having };
}

export function parseTop(tokens: TokenStream): Expression {
  let top: Expression;
  if (tokens.accept('(')) {
    top = parseExpression(tokens);
    tokens.expect(')');
  } else {
    top = { kind: 'literal', value: tokens.integer(), type: { name: 'bigint' } };
  }
  if (tokens.is('PERCENT') || tokens.is('WITH', 'TIES')) throw unsupported('TOP with PERCENT or WITH TIES');
  return top;
}

function parseItem(tokens: TokenStream): SelectItem {
  if (tokens.accept('*')) return { kind: 'star' };
  if (tokens.isName && tokens.peek(1).key === '.' && tokens.peek(2).key === '*') {
    const table = tokens.name();
    tokens.expect('.', '*');
    return { kind: 'star', table };
  }
  if (tokens.peek().kind === 'variable' && tokens.peek(1).key === '=') {
    const variable = tokens.variable().toLowerCase();
    tokens.expect('=');
    return { kind: 'assign', variable, expression: parseValue(tokens) };
  }
  if (tokens.isName && tokens.peek(1).key === '=') {
    const alias = tokens.name();
    tokens.expect('=');
    return { kind: 'expression', alias, expression: parseValue(tokens) };
  }
  const expression = parseValue(tokens);
  return { kind: 'expression', expression, ...parseAlias(tokens) };
}

function parseAlias(tokens: TokenStream): { alias?: string } {
  if (tokens.accept('AS'))
    return { alias: tokens.peek().kind === 'string' ? tokens.string() : tokens.name() };
  const alias = tokens.acceptName();
  return alias === undefined ? {} : { alias };
}

export function parseSource(tokens: TokenStream): Source {
  let left = parseSingleSource(tokens);
  for (;;) {
    const type = joinType(tokens);
    if (!type) return left;
    const right = parseSingleSource(tokens);
    if (type === 'CROSS') {
      left = { kind: 'join', type, left, right };
      continue;
    }
    tokens.expect('ON');
    left = { kind: 'join', type, left, right, on: parseExpression(tokens) };
  }
}

function joinType(tokens: TokenStream) {
  if (tokens.accept('CROSS', 'JOIN')) return 'CROSS';
  if (tokens.accept('JOIN') || tokens.accept('INNER', 'JOIN')) return 'INNER';
  const side = tokens.acceptAny('LEFT', 'RIGHT', 'FULL') as 'LEFT' | 'RIGHT' | 'FULL' | undefined;
  if (!side) return undefined;
  tokens.accept('OUTER');
  tokens.expect('JOIN');
  return side;
}

function parseSingleSource(tokens: TokenStream): Source {
  if (tokens.accept('(')) {
    if (!tokens.is('SELECT') && !tokens.is('VALUES') && !tokens.is('WITH') && !tokens.is('(')) {
      const inner = parseSource(tokens);
      tokens.expect(')');
      return inner;
    }
    const query = parseQuery(tokens);
    tokens.expect(')');
    tokens.accept('AS');
    const alias = tokens.name();
    const columns = tokens.is('(') ? { columns: tokens.parenthesised(() => tokens.name()) } : {};
    return { kind: 'derived', query, alias, ...columns };
  }
  const name = tokens.objectName();
  if (tokens.is('(')) throw unsupported(`The table function ${name.name}`);
  const alias = parseAlias(tokens);
  skipHints(tokens);
  return { kind: 'table', name, ...alias };
}

/** Lock hints as in `WITH (UPDLOCK, HOLDLOCK)`: SQLite's one writer at a time is stricter than any of them. */
export function skipHints(tokens: TokenStream): void {
  if (!tokens.accept('WITH')) return;
  tokens.parenthesised(() => {
    const hint = tokens.acceptAny('HOLDLOCK') ?? tokens.name().toUpperCase();
    if (!/LOCK$|LOCKX$|^READPAST$|^READCOMMITTED$|^SERIALIZABLE$|^REPEATABLEREAD$/.test(hint)) {
      throw unsupported(`The table hint ${hint}`);
    }
  });
}
