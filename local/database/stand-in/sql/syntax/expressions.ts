import { atLine, unsupported } from '../../sql-error.ts';
import { type DataType, dataType, int, nvarchar, varbinary } from '../data-types.ts';
import type { Expression, Order } from './ast.ts';
import type { TokenStream } from './token-stream.ts';

const comparisons = ['=', '<>', '!=', '<', '>', '<=', '>='];

/** Parses a condition or value; OR has the lowest precedence. */
export function parseExpression(tokens: TokenStream): Expression {
  return binaryLevel(tokens, ['OR'], (inner) => binaryLevel(inner, ['AND'], parseNot));
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

const negated = (operand: Expression, not = true): Expression =>
  not ? { kind: 'unary', operator: 'NOT', operand } : operand;

function parseNot(tokens: TokenStream): Expression {
  return tokens.accept('NOT') ? negated(parseNot(tokens)) : parsePredicate(tokens);
}

function parsePredicate(tokens: TokenStream): Expression {
  const operand = parseValue(tokens);
  const comparison = tokens.acceptAny(...comparisons);
  if (comparison) {
    if (tokens.acceptAny('ALL', 'ANY', 'SOME')) throw unsupported('A comparison with ALL, ANY or SOME');
    const operator = comparison === '!=' ? '<>' : comparison;
    return { kind: 'binary', operator, left: operand, right: parseValue(tokens) };
  }
  if (tokens.accept('IS')) {
    const not = tokens.accept('NOT');
    tokens.expect('NULL');
    return negated({ kind: 'isNull', operand }, not);
  }
  const not = tokens.accept('NOT');
  if (tokens.accept('IN')) {
    const list = tokens.is('(', 'SELECT')
      ? tokens.subquery()
      : tokens.parenthesised(() => parseExpression(tokens));
    return negated({ kind: 'in', operand, list }, not);
  }
  if (tokens.accept('BETWEEN')) {
    const low = parseValue(tokens);
    tokens.expect('AND');
    const compared = (operator: string, right: Expression): Expression => ({
      kind: 'binary',
      operator,
      left: operand,
      right,
    });
    const left = compared('>=', low);
    return negated({ kind: 'binary', operator: 'AND', left, right: compared('<=', parseValue(tokens)) }, not);
  }
  if (tokens.accept('LIKE')) {
    const pattern = parseValue(tokens);
    if (tokens.is('ESCAPE')) throw unsupported('LIKE with ESCAPE');
    return negated({ kind: 'binary', operator: 'LIKE', left: operand, right: pattern }, not);
  }
  if (not) tokens.fail();
  return operand;
}

/** Parses a value, not a condition: T-SQL does not allow comparisons in a select list. */
export function parseValue(tokens: TokenStream): Expression {
  return binaryLevel(tokens, ['+', '-', '&', '|', '^'], (inner) =>
    binaryLevel(inner, ['*', '/', '%'], parseUnary),
  );
}

function parseUnary(tokens: TokenStream): Expression {
  const operator = tokens.acceptAny('-', '+', '~');
  if (operator) return { kind: 'unary', operator, operand: parseUnary(tokens) };
  const primary = parsePrimary(tokens);
  acceptCollation(tokens);
  return primary;
}

/** Only case-insensitive collations are accepted; any other would silently sort and compare differently. */
export function acceptCollation(tokens: TokenStream): boolean {
  if (!tokens.accept('COLLATE')) return false;
  const collation = tokens.name();
  if (/_CI_AS|^database_default$|^catalog_default$/i.test(collation)) return true;
  throw unsupported(`The collation ${collation}`);
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
    default:
  }
  if (tokens.is('(', 'SELECT')) return { kind: 'subquery', query: tokens.subquery() };
  if (tokens.accept('(')) {
    const inner = parseExpression(tokens);
    tokens.expect(')');
    return inner;
  }
  if (tokens.accept('NULL')) return { kind: 'literal', value: null, type: int };
  if (tokens.accept('CASE')) return parseCase(tokens);
  if (tokens.accept('EXISTS')) return { kind: 'exists', query: tokens.subquery() };
  return parseNamed(tokens);
}

function numberLiteral(text: string): Expression {
  if (/e/i.test(text)) return { kind: 'literal', value: Number(text), type: { name: 'float' } };
  const [whole = '', fraction] = text.split('.');
  if (fraction !== undefined) {
    const precision = Math.max(whole.length + fraction.length, 1);
    return {
      kind: 'literal',
      value: Number(text),
      type: { name: 'numeric', precision, scale: fraction.length },
    };
  }
  const value = Number(text);
  if (value <= 0x7fffffff) return { kind: 'literal', value, type: int };
  return { kind: 'literal', value: BigInt(text), type: { name: 'bigint' } };
}

/** Parses a function call, or a column with its qualifiers. */
function parseNamed(tokens: TokenStream): Expression {
  const { key, kind } = tokens.peek();
  if (
    kind === 'word' &&
    tokens.peek(1).key === '(' &&
    (tokens.isName || /^(COALESCE|CONVERT|NULLIF)$/.test(key))
  ) {
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
  if (name === 'CAST') {
    const operand = parseExpression(tokens);
    tokens.expect('AS');
    const type = parseDataType(tokens, 30);
    tokens.expect(')');
    return { kind: 'cast', operand, type };
  }
  if (name === 'CONVERT') {
    const type = parseDataType(tokens, 30);
    tokens.expect(',');
    const operand = parseExpression(tokens);
    if (tokens.is(',')) throw unsupported('CONVERT with a style');
    tokens.expect(')');
    return { kind: 'cast', operand, type };
  }
  const star = tokens.accept('*');
  const distinct = !star && tokens.accept('DISTINCT');
  const list = star || tokens.is(')') ? [] : tokens.list(() => parseExpression(tokens));
  tokens.expect(')');
  if (tokens.is('OVER')) throw unsupported(`${name} with OVER`);
  return { kind: 'call', name, arguments: list, star, distinct };
}

function parseCase(tokens: TokenStream): Expression {
  const operand = tokens.is('WHEN') ? undefined : parseExpression(tokens);
  const branches: { when: Expression; result: Expression }[] = [];
  while (tokens.accept('WHEN')) {
    const condition = parseExpression(tokens);
    const when: Expression = operand
      ? { kind: 'binary', operator: '=', left: operand, right: condition }
      : condition;
    tokens.expect('THEN');
    branches.push({ when, result: parseExpression(tokens) });
  }
  if (branches.length === 0) tokens.fail();
  const otherwise: Expression = tokens.accept('ELSE')
    ? parseExpression(tokens)
    : { kind: 'literal', value: null, type: int };
  tokens.expect('END');
  return { kind: 'case', branches, otherwise };
}

export function parseOrder(tokens: TokenStream): Order[] {
  return tokens.list(() => {
    const expression = parseExpression(tokens);
    return { expression, descending: tokens.acceptAny('ASC', 'DESC') === 'DESC' };
  });
}

/** Parses a type as in a declaration. */
export function parseDataType(tokens: TokenStream, unspecifiedLength = 1): DataType {
  const { line, text } = tokens.peek();
  let name = tokens.name();
  if (tokens.accept('.')) name = tokens.name();
  const parameters = tokens.is('(')
    ? tokens.parenthesised(() => {
        if (tokens.peek().key !== 'MAX') return tokens.integer();
        tokens.next();
        return 'max' as const;
      })
    : [];
  const type = dataType(name, parameters, unspecifiedLength);
  if (type) return type;
  throw atLine(unsupported(`The data type ${text}`), line);
}
