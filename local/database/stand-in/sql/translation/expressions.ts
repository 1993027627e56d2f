import { SqlError, unsupported } from '../../sql-error.ts';
import { bit, type DataType, int, isInteger, isTemporal, isText, nvarchar } from '../data-types.ts';
import type { Expression } from '../syntax/ast.ts';
import { translateCall } from './functions.ts';
import { translateQuery } from './queries.ts';
import type { Scope, TranslationContext } from './scope.ts';
import {
  asDecimal,
  coerce,
  commonType,
  convert,
  exactDecimal,
  isNumeric,
  literal,
  type Typed,
  unify,
} from './typed.ts';

/** One statement's way from T-SQL to SQLite: what it must know, and the variables it has met. */
export interface Translation {
  readonly context: TranslationContext;
  /** Variables in the order of the `?` that stand for them. */
  readonly parameters: string[];
}

/** Translates a value or condition. Parameters are numbered by where they come in the text. */
export function translateExpression(translation: Translation, scope: Scope, expression: Expression): Typed {
  const inner = (part: Expression) => translateExpression(translation, scope, part);
  switch (expression.kind) {
    case 'literal':
      return literal(expression.value, expression.type);
    case 'variable': {
      const type = translation.context.variable(expression.name);
      return { sql: bind(translation, expression.name), type };
    }
    case 'column':
      return scope.resolve(expression.path);
    case 'unary':
      return translateUnary(expression.operator, inner(expression.operand));
    case 'binary':
      return translateBinary(expression.operator, inner(expression.left), inner(expression.right));
    case 'call':
      return translateCall(translation, scope, expression);
    case 'cast': {
      const operand = inner(expression.operand);
      if (!expression.try) return convert(operand, expression.type);
      const wrapped = convert({ sql: operand.sql, type: operand.type }, expression.type);
      return { ...wrapped, sql: wrapped.sql.replace(/^tsql_convert/, 'tsql_try_convert') };
    }
    case 'case':
      return translateCase(translation, scope, expression);
    case 'inList': {
      const { values } = unify([expression.operand, ...expression.list].map(inner));
      const [operand, ...list] = values as [Typed, ...Typed[]];
      const not = expression.not ? 'NOT ' : '';
      return condition(`(${collated(operand)} ${not}IN (${list.map(({ sql }) => sql).join(', ')}))`);
    }
    case 'inQuery': {
      const operand = inner(expression.operand);
      const query = translateQuery(translation, expression.query, scope);
      return condition(`(${collated(operand)} ${expression.not ? 'NOT ' : ''}IN (${query.sql}))`);
    }
    case 'between': {
      const { values } = unify([expression.operand, expression.low, expression.high].map(inner));
      const [operand, low, high] = values as [Typed, Typed, Typed];
      const not = expression.not ? 'NOT ' : '';
      return condition(`(${collated(operand)} ${not}BETWEEN ${low.sql} AND ${high.sql})`);
    }
    case 'like': {
      const operand = coerce(inner(expression.operand), nvarchar());
      const pattern = coerce(inner(expression.pattern), nvarchar());
      const escaped = expression.escape ? `, ${inner(expression.escape).sql}` : '';
      const like = `tsql_like(${operand.sql}, ${pattern.sql}${escaped})`;
      return condition(expression.not ? `(NOT ${like})` : like);
    }
    case 'isNull':
      return condition(`(${inner(expression.operand).sql} IS ${expression.not ? 'NOT ' : ''}NULL)`);
    case 'exists':
      return condition(`EXISTS (${translateQuery(translation, expression.query, scope).sql})`);
    case 'subquery': {
      const query = translateQuery(translation, expression.query, scope);
      const [column] = query.columns;
      if (!column || query.columns.length > 1) {
        const message =
          'Only one expression can be specified in the select list when the subquery is not introduced with EXISTS.';
        throw new SqlError({ number: 116, message });
      }
      return { sql: `(${query.sql})`, type: column.type };
    }
    default:
      throw unsupported('This expression');
  }
}

/** SQLite's numbered parameters, so that a piece of SQL can be moved or repeated. */
function bind(translation: Translation, name: string): string {
  const at = translation.parameters.indexOf(name);
  return `?${at >= 0 ? at + 1 : translation.parameters.push(name)}`;
}

const condition = (sql: string): Typed => ({ sql, type: bit });

/** Text compares without regard to case, as in SQL Server's default collation. */
const collated = ({ sql, type }: Typed): string => (isText(type) ? `${sql} COLLATE NOCASE` : sql);

function translateUnary(operator: string, operand: Typed): Typed {
  if (operator === 'NOT') return condition(`(NOT ${operand.sql})`);
  if (operator === '+') return operand;
  if (typeof operand.literal === 'number' && operator === '-') return literal(-operand.literal, operand.type);
  return { sql: `(${operator}${operand.sql})`, type: operand.type };
}

const comparison = new Set(['=', '<>', '<', '>', '<=', '>=']);

function translateBinary(operator: string, givenLeft: Typed, givenRight: Typed): Typed {
  // NULL has no type of its own: it takes that of the other side.
  const left = givenLeft.literal === null ? { ...givenLeft, type: givenRight.type } : givenLeft;
  const right = givenRight.literal === null ? { ...givenRight, type: givenLeft.type } : givenRight;
  if (operator === 'AND' || operator === 'OR') return condition(`(${left.sql} ${operator} ${right.sql})`);
  if (comparison.has(operator)) {
    const { values } = unify([left, right]);
    const [a, b] = values as [Typed, Typed];
    return condition(`(${collated(a)} ${operator} ${b.sql})`);
  }
  if (operator === '+' && isText(left.type) && isText(right.type)) {
    return { sql: `(${left.sql} || ${right.sql})`, type: joined(left.type, right.type) };
  }
  if (isTemporal(left.type) && left.type.name === 'datetime' && (operator === '+' || operator === '-')) {
    return { sql: `tsql_add_days(${left.sql}, ${operator}(${right.sql}))`, type: left.type };
  }
  return arithmetic(operator, left, right);
}

function joined(left: DataType, right: DataType): DataType {
  const common = commonType(left, right);
  if (left.length === 'max' || right.length === 'max') return { ...common, length: 'max' };
  return nvarchar(Math.min((left.length ?? 1) + (right.length ?? 1), 4000));
}

function arithmetic(operator: string, left: Typed, right: Typed): Typed {
  const common = commonType(left.type, right.type);
  const meeting = isNumeric(common) ? common : isNumeric(left.type) ? left.type : right.type;
  if (!isNumeric(meeting)) {
    const message = `Operand data type ${common.name} is invalid for ${operator} operator.`;
    throw new SqlError({ number: 8117, message });
  }
  const type = arithmeticType(operator, meeting, left.type, right.type);
  const [a, b] = [left, right].map((side) => (isNumeric(side.type) ? side : coerce(side, meeting))) as [
    Typed,
    Typed,
  ];
  if (operator === '/' || operator === '%') {
    const divided = `tsql_${operator === '/' ? 'divide' : 'modulo'}(${a.sql}, ${b.sql}, ${isInteger(meeting) ? 1 : 0})`;
    return { sql: divided, type };
  }
  if (operator === '^') throw unsupported('The operator ^');
  const sql = `(${a.sql} ${operator} ${b.sql})`;
  if (isInteger(type)) return { sql: `tsql_range(${sql}, '${type.name}')`, type };
  return { sql: exactDecimal(sql, type), type };
}

/** Precision and scale of a result, Microsoft's "Precision, scale, and length". */
function arithmeticType(operator: string, meeting: DataType, left: DataType, right: DataType): DataType {
  if (meeting.name !== 'decimal' && meeting.name !== 'numeric') return meeting.name === 'bit' ? int : meeting;
  const [a, b] = [asDecimal(left), asDecimal(right)];
  if (operator === '*')
    return {
      name: 'numeric',
      precision: Math.min(a.precision + b.precision + 1, 38),
      scale: Math.min(a.scale + b.scale, 12),
    };
  if (operator === '/')
    return { name: 'numeric', precision: 38, scale: Math.max(6, Math.min(a.scale + b.precision + 1, 12)) };
  const scale = Math.max(a.scale, b.scale);
  return {
    name: 'numeric',
    precision: Math.min(Math.max(a.precision - a.scale, b.precision - b.scale) + scale + 1, 38),
    scale,
  };
}

function translateCase(
  translation: Translation,
  scope: Scope,
  expression: Extract<Expression, { kind: 'case' }>,
): Typed {
  const inner = (part: Expression) => translateExpression(translation, scope, part);
  const results = [
    ...expression.branches.map(({ result }) => result),
    ...(expression.otherwise ? [expression.otherwise] : []),
  ];
  const { values, type } = unify(results.map(inner));
  const branches = expression.branches.map(({ when }, index) => {
    const test = expression.operand
      ? translateBinary('=', inner(expression.operand), inner(when))
      : inner(when);
    return `WHEN ${test.sql} THEN ${values[index]?.sql}`;
  });
  const otherwise = expression.otherwise ? ` ELSE ${values.at(-1)?.sql}` : '';
  return { sql: `(CASE ${branches.join(' ')}${otherwise} END)`, type };
}
