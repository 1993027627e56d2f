import { unsupported } from '../../sql-error.ts';
import type { Expression, Query, Select, SelectItem, Source } from './ast.ts';
import { parseExpression, parseOrder, parseValue } from './expressions.ts';
import type { TokenStream } from './token-stream.ts';

/** Parses a query with its ORDER BY. */
export function parseQuery(tokens: TokenStream): Query {
  const selects = [parseSelect(tokens)];
  while (tokens.accept('UNION')) {
    if (!tokens.accept('ALL')) throw unsupported('UNION without ALL');
    selects.push(parseSelect(tokens));
  }
  const orderBy = tokens.accept('ORDER', 'BY') ? parseOrder(tokens) : [];
  for (const word of ['FOR', 'OPTION', 'OFFSET', 'EXCEPT', 'INTERSECT']) {
    if (tokens.peek().key === word) throw unsupported(`${word} after a query`);
  }
  return { selects, orderBy };
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
  return { distinct, ...top, items, from, ...where, groupBy, ...having };
}

function parseTop(tokens: TokenStream): Expression {
  let top: Expression;
  if (tokens.accept('(')) {
    top = parseExpression(tokens);
    tokens.expect(')');
  } else top = { kind: 'literal', value: tokens.integer(), type: { name: 'bigint' } };
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
  if (tokens.peek(1).key === '=' && tokens.peek().kind === 'variable') {
    const variable = tokens.variable();
    tokens.expect('=');
    return { kind: 'assign', variable, expression: parseValue(tokens) };
  }
  if (tokens.peek(1).key === '=') throw unsupported('A name before a value');
  const expression = parseValue(tokens);
  return { kind: 'expression', expression, ...parseAlias(tokens) };
}

function parseAlias(tokens: TokenStream): { alias?: string } {
  if (tokens.accept('AS'))
    return { alias: tokens.peek().kind === 'string' ? tokens.next().text : tokens.name() };
  const alias = tokens.acceptName();
  return alias === undefined ? {} : { alias };
}

function parseSource(tokens: TokenStream): Source {
  let left = parseSingleSource(tokens);
  for (let type = joinType(tokens); type; type = joinType(tokens)) {
    const right = parseSingleSource(tokens);
    tokens.expect('ON');
    left = { kind: 'join', type, left, right, on: parseExpression(tokens) };
  }
  return left;
}

function joinType(tokens: TokenStream): JoinType | undefined {
  if (tokens.is('CROSS')) throw unsupported('CROSS');
  if (tokens.accept('JOIN') || tokens.accept('INNER', 'JOIN')) return 'INNER';
  const side = tokens.acceptAny('LEFT', 'RIGHT', 'FULL') as JoinType | undefined;
  if (side) {
    tokens.accept('OUTER');
    tokens.expect('JOIN');
  }
  return side;
}

type JoinType = Extract<Source, { kind: 'join' }>['type'];

function parseSingleSource(tokens: TokenStream): Source {
  if (tokens.is('(', 'SELECT')) throw unsupported('A derived table');
  if (tokens.is('(')) throw unsupported('A parenthesis in FROM');
  const name = tokens.objectName();
  if (tokens.is('(')) throw unsupported(`The table function ${name.name}`);
  const alias = parseAlias(tokens);
  skipHints(tokens);
  return { kind: 'table', name, ...alias };
}

/** Skips lock hints such as `WITH (UPDLOCK, HOLDLOCK)`: SQLite's single writer is stricter than any of them. */
export function skipHints(tokens: TokenStream): void {
  if (!tokens.accept('WITH')) return;
  tokens.parenthesised(() => {
    const hint = tokens.name().toUpperCase();
    if (!/LOCK$|LOCKX$|^SERIALIZABLE$/.test(hint)) throw unsupported(`The table hint ${hint}`);
  });
}
