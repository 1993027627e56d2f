import { sqlError, unsupported } from '../../sql-error.ts';
import { bit, type DataType, int, isInteger, isNumeric, isText, nvarchar } from '../data-types.ts';
import type { Expression } from '../syntax/ast.ts';
import { translateCall } from './functions.ts';
import type { Scope, Translation } from './scope.ts';
import { asDecimal, coerce, commonType, convert, exactDecimal, literal, type Typed, unify } from './typed.ts';

/** Translates a value or condition. Parameters are numbered in order of their first use. */
export function translateExpression(translation: Translation, scope: Scope, expression: Expression): Typed {
  const inner = (part: Expression) => translateExpression(translation, scope, part);
  switch (expression.kind) {
    case 'literal':
      return literal(expression.value, expression.type);
    case 'variable': {
      const { parameters } = translation;
      const at = parameters.indexOf(expression.name);
      // Use SQLite's numbered parameters, so that a piece of SQL can be moved or repeated.
      const sql = `?${at >= 0 ? at + 1 : parameters.push(expression.name)}`;
      return { sql, type: translation.variable(expression.name) };
    }
    case 'column':
      return scope.resolve(expression.path);
    case 'unary':
      return translateUnary(expression.operator, inner(expression.operand));
    case 'binary':
      return translateBinary(expression.operator, inner(expression.left), inner(expression.right));
    case 'call':
      return translateCall(expression, scope, inner);
    case 'cast':
      return convert(inner(expression.operand), expression.type);
    case 'case': {
      const results = [...expression.branches.map(({ result }) => result), expression.otherwise];
      const { values, type } = unify(results.map(inner));
      const branches = expression.branches.map(
        ({ when }, index) => `WHEN ${inner(when).sql} THEN ${values[index]?.sql}`,
      );
      return { sql: `(CASE ${branches.join(' ')} ELSE ${values.at(-1)?.sql} END)`, type };
    }
    case 'in': {
      const { list } = expression;
      if ('selects' in list)
        return condition(
          `(${collated(inner(expression.operand))} IN (${translation.query(list, scope).sql}))`,
        );
      const { values } = unify([expression.operand, ...list].map(inner));
      const [operand, ...others] = values as [Typed, ...Typed[]];
      return condition(`(${collated(operand)} IN (${others.map(({ sql }) => sql).join(', ')}))`);
    }
    case 'isNull':
      return condition(`(${inner(expression.operand).sql} IS NULL)`);
    case 'exists':
      return condition(`EXISTS (${translation.query(expression.query, scope).sql})`);
    case 'subquery': {
      const { sql, columns } = translation.query(expression.query, scope);
      const [column] = columns;
      if (column && columns.length === 1) return { sql: `(${sql})`, type: column.type };
      throw sqlError(116);
    }
  }
}

const condition = (sql: string): Typed => ({ sql, type: bit });

/** Compares text case-insensitively, as in SQL Server's default collation. */
const collated = ({ sql, type }: Typed): string => (isText(type) ? `${sql} COLLATE NOCASE` : sql);

function translateUnary(operator: string, operand: Typed): Typed {
  if (operator === 'NOT') return condition(`(NOT ${operand.sql})`);
  if (operator === '+') return operand;
  if (typeof operand.literal === 'number' && operator === '-') return literal(-operand.literal, operand.type);
  return { sql: `(${operator}${operand.sql})`, type: operand.type };
}

function translateBinary(operator: string, givenLeft: Typed, givenRight: Typed): Typed {
  // NULL has no type of its own; it takes the type of the other side.
  const left = givenLeft.literal === null ? { ...givenLeft, type: givenRight.type } : givenLeft;
  const right = givenRight.literal === null ? { ...givenRight, type: givenLeft.type } : givenRight;
  if (operator === 'AND' || operator === 'OR') return condition(`(${left.sql} ${operator} ${right.sql})`);
  if (operator === 'LIKE')
    return condition(`tsql_like(${coerce(left, nvarchar()).sql}, ${coerce(right, nvarchar()).sql})`);
  if (/^[=<>]/.test(operator)) {
    const { values } = unify([left, right]);
    const [a, b] = values as [Typed, Typed];
    return condition(`(${collated(a)} ${operator} ${b.sql})`);
  }
  if (operator === '+' && isText(left.type) && isText(right.type)) {
    return { sql: `(${left.sql} || ${right.sql})`, type: joined(left.type, right.type) };
  }
  return arithmetic(operator, left, right);
}

function joined(left: DataType, right: DataType): DataType {
  if (left.length === 'max' || right.length === 'max') return { ...commonType(left, right), length: 'max' };
  return nvarchar(Math.min((left.length ?? 1) + (right.length ?? 1), 4000));
}

function arithmetic(operator: string, left: Typed, right: Typed): Typed {
  const common = commonType(left.type, right.type);
  const meeting = isNumeric(common) ? common : isNumeric(left.type) ? left.type : right.type;
  if (
    !isNumeric(meeting) ||
    !(isNumeric(left.type) || isText(left.type)) ||
    !(isNumeric(right.type) || isText(right.type))
  )
    throw unsupported(`${left.type.name} ${operator} ${right.type.name}`);
  const type = arithmeticType(operator, meeting, left.type, right.type);
  const [a = left, b = right] = [left, right].map((side) =>
    isNumeric(side.type) ? side : coerce(side, meeting),
  );
  if (operator === '/' || operator === '%') {
    const divide = operator === '/' ? 'tsql_divide' : 'tsql_modulo';
    return { sql: `${divide}(${a.sql}, ${b.sql}, ${isInteger(meeting) ? 1 : 0})`, type };
  }
  if (operator === '^') throw unsupported('The operator ^');
  const sql = `(${a.sql} ${operator} ${b.sql})`;
  // SQLite calculates with 64-bit integers, and with floating-point numbers when they overflow.
  if (isInteger(type)) return { sql: `tsql_convert(${sql}, 'bigint', '${type.name}')`, type };
  return { sql: exactDecimal(sql, type), type };
}

/** Precision and scale of a result, see Microsoft's "Precision, scale, and length". */
function arithmeticType(operator: string, meeting: DataType, left: DataType, right: DataType): DataType {
  if (meeting.name !== 'decimal' && meeting.name !== 'numeric') return meeting.name === 'bit' ? int : meeting;
  const [a, b] = [asDecimal(left), asDecimal(right)];
  const numeric = (precision: number, scale: number): DataType => ({
    name: 'numeric',
    precision: Math.min(precision, 38),
    scale,
  });
  if (operator === '*') return numeric(a.precision + b.precision + 1, Math.min(a.scale + b.scale, 12));
  if (operator === '/') return numeric(38, Math.max(6, Math.min(a.scale + b.precision + 1, 12)));
  const scale = Math.max(a.scale, b.scale);
  return numeric(Math.max(a.precision - a.scale, b.precision - b.scale) + scale + 1, scale);
}
