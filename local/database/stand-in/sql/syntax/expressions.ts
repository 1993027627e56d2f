import { unsupported } from '../../sql-error.ts';
import { type DataType, dataType, int, nvarchar, varbinary } from '../data-types.ts';
import type { Expression, Order } from './ast.ts';
import { parseQuery } from './queries.ts';
import type { TokenStream } from './token-stream.ts';

/** Functions written without parentheses. */
const niladic = new Set(['CURRENT_TIMESTAMP', 'CURRENT_USER', 'SYSTEM_USER', 'SESSION_USER', 'USER']);
/** Functions whose names are keywords. */
const keywordFunctions = new Set(['LEFT', 'RIGHT', 'COALESCE', 'NULLIF', 'EXISTS', 'CONVERT', 'USER']);
const comparisons = ['=', '<>', '!=', '<', '>', '<=', '>=', '!<', '!>'];

/** A condition or value: OR binds least. */
export function parseExpression(tokens: TokenStream): Expression {
  return binaryLevel(tokens, ['OR'], (inner) => binaryLevel(inner, ['AND'], (operand) => parseNot(operand)));
}

function binaryLevel(
  tokens: TokenStream,
  operators: readonly string[],
  operand: (tokens: TokenStream) => Expression,
): Expression {
  let left = operand(tokens);
  for (let operator = tokens.acceptAny(...operators); operator; operator = tokens.acceptAny(...operators)) {
    left = { kind: 'binary', operator, left, right: operand(tokens) };
  }
  return left;
}

function parseNot(tokens: TokenStream): Expression {
  if (tokens.accept('NOT')) return { kind: 'unary', operator: 'NOT', operand: parseNot(tokens) };
  return parsePredicate(tokens);
}

function parsePredicate(tokens: TokenStream): Expression {
  const operand = parseValue(tokens);
  const comparison = tokens.acceptAny(...comparisons);
  if (comparison) {
    if (tokens.acceptAny('ALL', 'ANY', 'SOME')) throw unsupported('A comparison with ALL, ANY or SOME');
    const operator = { '!=': '<>', '!<': '>=', '!>': '<=' }[comparison] ?? comparison;
    return { kind: 'binary', operator, left: operand, right: parseValue(tokens) };
  }
  if (tokens.accept('IS')) {
    const not = tokens.accept('NOT');
    tokens.expect('NULL');
    return { kind: 'isNull', operand, not };
  }
  const not = tokens.accept('NOT');
  if (tokens.accept('IN')) {
    if (tokens.is('(', 'SELECT')) return { kind: 'inQuery', operand, query: parenthesisedQuery(tokens), not };
    return { kind: 'inList', operand, list: tokens.parenthesised(() => parseExpression(tokens)), not };
  }
  if (tokens.accept('BETWEEN')) {
    const low = parseValue(tokens);
    tokens.expect('AND');
    return { kind: 'between', operand, low, high: parseValue(tokens), not };
  }
  if (tokens.accept('LIKE')) {
    const pattern = parseValue(tokens);
    const escaped = tokens.accept('ESCAPE') ? { escape: parseValue(tokens) } : {};
    return { kind: 'like', operand, pattern, ...escaped, not };
  }
  if (not) tokens.fail();
  return operand;
}

/** A value, not a condition: T-SQL lets no comparison stand in a select list. */
export function parseValue(tokens: TokenStream): Expression {
  return binaryLevel(tokens, ['+', '-', '&', '|', '^'], (inner) =>
    binaryLevel(inner, ['*', '/', '%'], (operand) => parseUnary(operand)),
  );
}

function parseUnary(tokens: TokenStream): Expression {
  const operator = tokens.acceptAny('-', '+', '~');
  if (operator) return { kind: 'unary', operator, operand: parseUnary(tokens) };
  const primary = parsePrimary(tokens);
  // The one collation here is case-insensitive; any other would silently sort and compare differently.
  if (tokens.accept('COLLATE')) {
    const collation = tokens.name();
    if (!/_CI_AS|^database_default$|^catalog_default$/i.test(collation))
      throw unsupported(`The collation ${collation}`);
  }
  return primary;
}

function parsePrimary(tokens: TokenStream): Expression {
  const token = tokens.peek();
  switch (token.kind) {
    case 'string':
      tokens.next();
      return {
        kind: 'literal',
        value: token.text,
        type: nvarchar(Math.min(Math.max(token.text.length, 1), 4000)),
      };
    case 'number':
      tokens.next();
      return numberLiteral(token.text);
    case 'binary':
      tokens.next();
      return {
        kind: 'literal',
        value: new Uint8Array(Buffer.from(token.text.slice(2), 'hex')),
        type: varbinary(),
      };
    case 'variable':
      tokens.next();
      return { kind: 'variable', name: token.text.toLowerCase() };
    case 'symbol':
      if (tokens.is('(', 'SELECT') || tokens.is('(', 'WITH')) {
        return { kind: 'subquery', query: parenthesisedQuery(tokens) };
      }
      if (tokens.accept('(')) {
        const inner = parseExpression(tokens);
        tokens.expect(')');
        return inner;
      }
      break;
    default:
  }
  if (tokens.accept('NULL')) return { kind: 'literal', value: null, type: int };
  if (tokens.accept('CASE')) return parseCase(tokens);
  if (tokens.accept('EXISTS')) return { kind: 'exists', query: parenthesisedQuery(tokens) };
  if (niladic.has(token.key) && tokens.peek(1).key !== '(') {
    tokens.next();
    return { kind: 'call', name: token.key, arguments: [], star: false, distinct: false };
  }
  return parseNamed(tokens);
}

function numberLiteral(text: string): Expression {
  if (/e/i.test(text)) return { kind: 'literal', value: Number(text), type: { name: 'float' } };
  const [whole = '', fraction] = text.split('.');
  if (fraction !== undefined) {
    const type: DataType = {
      name: 'numeric',
      precision: Math.max(whole.length + fraction.length, 1),
      scale: fraction.length,
    };
    return { kind: 'literal', value: Number(text), type };
  }
  const value = Number(text);
  if (value <= 0x7fffffff) return { kind: 'literal', value, type: int };
  return { kind: 'literal', value: BigInt(text), type: { name: 'bigint' } };
}

function parenthesisedQuery(tokens: TokenStream) {
  tokens.expect('(');
  const query = parseQuery(tokens);
  tokens.expect(')');
  return query;
}

/** A function call, or a column with its qualifiers. */
function parseNamed(tokens: TokenStream): Expression {
  const { key, kind } = tokens.peek();
  if (kind === 'word' && tokens.peek(1).key === '(' && (tokens.isName || keywordFunctions.has(key))) {
    tokens.next();
    return parseCall(tokens, key);
  }
  const path = [tokens.name()];
  while (tokens.accept('.')) path.push(tokens.name());
  if (tokens.is('(')) throw unsupported(`The function ${path.join('.')}`);
  return { kind: 'column', path };
}

function parseCall(tokens: TokenStream, name: string): Expression {
  tokens.expect('(');
  if (name === 'CAST' || name === 'TRY_CAST') {
    const operand = parseExpression(tokens);
    tokens.expect('AS');
    const type = parseDataType(tokens, 30);
    tokens.expect(')');
    return { kind: 'cast', operand, type, try: name === 'TRY_CAST' };
  }
  if (name === 'CONVERT' || name === 'TRY_CONVERT') return parseConvert(tokens, name === 'TRY_CONVERT');
  const star = tokens.accept('*');
  const distinct = !star && tokens.accept('DISTINCT');
  const list = star || tokens.is(')') ? [] : tokens.list(() => parseExpression(tokens));
  tokens.expect(')');
  const call = { kind: 'call', name, arguments: list, star, distinct } as const;
  if (!tokens.accept('OVER')) return call;
  tokens.expect('(');
  const partitionBy = tokens.accept('PARTITION', 'BY') ? tokens.list(() => parseExpression(tokens)) : [];
  const orderBy = tokens.accept('ORDER', 'BY') ? parseOrder(tokens) : [];
  tokens.expect(')');
  return { ...call, over: { partitionBy, orderBy } };
}

function parseConvert(tokens: TokenStream, attempt: boolean): Expression {
  const type = parseDataType(tokens, 30);
  tokens.expect(',');
  const operand = parseExpression(tokens);
  if (tokens.accept(',')) {
    const style = tokens.integer();
    // 121 and 126 are the ISO forms that the engine holds dates in; 0 is the default for everything else.
    if (![0, 1, 120, 121, 126].includes(style)) throw unsupported(`CONVERT with style ${style}`);
  }
  tokens.expect(')');
  return { kind: 'cast', operand, type, try: attempt };
}

function parseCase(tokens: TokenStream): Expression {
  const operand = tokens.is('WHEN') ? {} : { operand: parseExpression(tokens) };
  const branches: { when: Expression; result: Expression }[] = [];
  while (tokens.accept('WHEN')) {
    const when = parseExpression(tokens);
    tokens.expect('THEN');
    branches.push({ when, result: parseExpression(tokens) });
  }
  if (branches.length === 0) tokens.fail();
  const otherwise = tokens.accept('ELSE') ? { otherwise: parseExpression(tokens) } : {};
  tokens.expect('END');
  return { kind: 'case', ...operand, branches, ...otherwise };
}

export function parseOrder(tokens: TokenStream): Order[] {
  return tokens.list(() => {
    const expression = parseExpression(tokens);
    const direction = tokens.acceptAny('ASC', 'DESC');
    return { expression, descending: direction === 'DESC' };
  });
}

/** A type as in a declaration; error 2715 when there is none of that name. */
export function parseDataType(tokens: TokenStream, unspecifiedLength = 1): DataType {
  const { line, text } = tokens.peek();
  let name = tokens.name();
  if (tokens.accept('.')) name = tokens.name();
  if (name.toLowerCase() === 'double' && tokens.acceptAny('PRECISION')) name = 'double precision';
  const parameters = tokens.is('(')
    ? tokens.parenthesised(() => {
        if (tokens.peek().key === 'MAX') {
          tokens.next();
          return 'max' as const;
        }
        return tokens.integer();
      })
    : [];
  const type = dataType(name, parameters, unspecifiedLength);
  if (type) return type;
  const error = unsupported(`The data type ${text}`);
  error.line = line;
  throw error;
}
