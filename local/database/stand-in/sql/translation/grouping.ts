import { SqlError } from '../../sql-error.ts';
import type { Expression, Select } from '../syntax/ast.ts';
import { isAggregate } from './functions.ts';
import type { Scope } from './scope.ts';

/**
 * Error 8120 for a selected column that is neither grouped by nor inside an aggregate. SQLite would pick
 * the value of any row.
 */
export function checkGrouping(select: Select, scope: Scope): void {
  const expressions = select.items.flatMap((item) => (item.kind === 'star' ? [] : [item.expression]));
  if (select.having) expressions.push(select.having);
  if (select.groupBy.length === 0 && !expressions.some(containsAggregate)) return;
  const grouped = new Set(select.groupBy.map((expression) => key(expression, scope)));
  for (const expression of expressions) check(expression, grouped, scope);
}

function containsAggregate(expression: Expression): boolean {
  if (expression.kind === 'call' && isAggregate(expression)) return true;
  return parts(expression).some(containsAggregate);
}

function check(expression: Expression, grouped: ReadonlySet<string>, scope: Scope): void {
  if (expression.kind === 'call' && isAggregate(expression)) return;
  if (grouped.has(key(expression, scope))) return;
  if (expression.kind === 'column') {
    const message = `Column '${expression.path.join('.')}' is invalid in the select list because it is not contained in either an aggregate function or the GROUP BY clause.`;
    throw new SqlError({ number: 8120, message });
  }
  // The first argument of DATEPART and its like is a bare word, not a column.
  const isDate = expression.kind === 'call' && /^DATE(ADD|DIFF|PART)$/.test(expression.name);
  for (const part of parts(expression).slice(isDate ? 1 : 0)) check(part, grouped, scope);
}

/** Two spellings of one column count as the same. */
function key(expression: Expression, scope: Scope): string {
  if (expression.kind === 'column') return scope.resolve(expression.path).sql;
  return JSON.stringify(expression, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value instanceof Uint8Array ? [...value] : value,
  ).toLowerCase();
}

/** The expressions directly inside another; a subquery is a world of its own. */
function parts(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'unary':
    case 'cast':
    case 'isNull':
    case 'inQuery':
      return [expression.operand];
    case 'binary':
      return [expression.left, expression.right];
    case 'call':
      return expression.arguments;
    case 'case':
      return [
        ...(expression.operand ? [expression.operand] : []),
        ...expression.branches.flatMap(({ when, result }) => [when, result]),
        ...(expression.otherwise ? [expression.otherwise] : []),
      ];
    case 'inList':
      return [expression.operand, ...expression.list];
    case 'between':
      return [expression.operand, expression.low, expression.high];
    case 'like':
      return [expression.operand, expression.pattern];
    default:
      return [];
  }
}
