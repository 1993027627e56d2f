import { sqlError, unsupported } from '../../sql-error.ts';
import type { DataType } from '../data-types.ts';
import type { Column } from '../result-sink.ts';
import type { Expression, Order, Query, Select, SelectItem, Source } from '../syntax/ast.ts';
import { translateExpression } from './expressions.ts';
import { quote, Scope, type ScopeSource, type TranslatedQuery, type Translation } from './scope.ts';
import { coerce, unify } from './typed.ts';

interface TranslatedSelect extends TranslatedQuery {
  readonly scope: Scope;
  readonly grouped: readonly string[];
  /** The LIMIT for TOP, which must follow ORDER BY. */
  readonly limit: string;
}

/** Translates a query; `outer` is the enclosing query, whose columns it may use. */
export function translateQuery(
  translation: Translation,
  { selects, orderBy }: Query,
  outer?: Scope,
): TranslatedQuery {
  const parts = selects.map((select) => translateSelect(translation, select, outer));
  const [first] = parts;
  if (!first) throw unsupported('A query without SELECT');
  if (parts.length === 1) {
    const sql = `${first.sql}${translateOrder(translation, orderBy, first)}${first.limit}`;
    return { ...first, sql };
  }
  if (parts.some(({ columns }) => columns.length !== first.columns.length)) throw sqlError(205);
  const columns = first.columns.map((column, index) => {
    const types = parts.map((part): DataType => part.columns[index]?.type ?? column.type);
    return { ...column, nullable: true, type: unify(types.map((type) => ({ sql: '', type }))).type };
  });
  const sql = parts.map((part) => (part.limit ? `SELECT * FROM (${part.sql}${part.limit})` : part.sql));
  const order = translateOrder(translation, orderBy, { ...first, columns, scope: new Scope([]) });
  return { columns, sql: `${sql.join(' UNION ALL ')}${order}` };
}

function translateOrder(
  translation: Translation,
  orderBy: readonly Order[],
  select: TranslatedSelect,
): string {
  if (orderBy.length === 0) return '';
  const terms = orderBy.map(
    ({ expression, descending }) =>
      `${orderTerm(translation, expression, select)}${descending ? ' DESC' : ''}`,
  );
  requireGrouped(select);
  return ` ORDER BY ${terms.join(', ')}`;
}

/** Error 8120 for a column neither grouped by nor in an aggregate; SQLite would return the value of any row. */
function requireGrouped({ scope, grouped }: Pick<TranslatedSelect, 'scope' | 'grouped'>): void {
  const [other] = [...scope.used].filter(([sql]) => !grouped.includes(sql));
  if (other && (scope.aggregates || grouped.length > 0)) throw sqlError(8120, other[1]);
}

function orderTerm(
  translation: Translation,
  expression: Expression,
  { columns, scope }: TranslatedSelect,
): string {
  if (expression.kind === 'column' && expression.path.length === 1) {
    const name = expression.path[0]?.toLowerCase();
    const position = columns.findIndex((column) => column.name.toLowerCase() === name);
    if (position >= 0) return String(position + 1);
  }
  if (expression.kind === 'literal' && typeof expression.value === 'number') {
    if (expression.value >= 1 && expression.value <= columns.length) return String(expression.value);
    throw sqlError(108, expression.value);
  }
  return translateExpression(translation, scope, expression).sql;
}

function translateSelect(
  translation: Translation,
  select: Select,
  outer: Scope | undefined,
): TranslatedSelect {
  const sources: ScopeSource[] = [];
  const scope = new Scope(sources, outer);
  const inner = (expression: Expression) => translateExpression(translation, scope, expression).sql;
  const from = select.from.map((source) => translateSource(translation, source, sources, scope, outer));
  const where = select.where ? ` WHERE ${inner(select.where)}` : '';
  const grouped = select.groupBy.map((expression) => {
    if (expression.kind !== 'column') throw unsupported('GROUP BY of anything but columns');
    return inner(expression);
  });
  scope.used.clear();
  const items = select.items.flatMap((item) => translateItem(translation, item, scope));
  const having = select.having ? ` HAVING ${inner(select.having)}` : '';
  requireGrouped({ scope, grouped });
  const assigns = items.flatMap(({ assigns: variable }) => variable ?? []);
  if (assigns.length > 0 && assigns.length < items.length) throw sqlError(141);
  const list = items.map(({ sql, column }) => (column.name === '' ? sql : `${sql} AS ${quote(column.name)}`));
  const sql =
    `SELECT ${select.distinct ? 'DISTINCT ' : ''}${list.join(', ')}` +
    `${from.length > 0 ? ` FROM ${from.join(', ')}` : ''}${where}` +
    `${grouped.length > 0 ? ` GROUP BY ${grouped.join(', ')}` : ''}${having}`;
  const top =
    select.top && coerce(translateExpression(translation, scope, select.top), { name: 'bigint' }).sql;
  return {
    sql,
    columns: items.map(({ column }) => column),
    scope,
    grouped,
    limit: top === undefined ? '' : ` LIMIT tsql_top(${top})`,
    ...(assigns.length > 0 ? { assigns } : {}),
  };
}

interface TranslatedItem {
  readonly sql: string;
  readonly column: Column;
  readonly assigns?: string;
}

function translateItem(translation: Translation, item: SelectItem, scope: Scope): TranslatedItem[] {
  if (item.kind === 'star') {
    const sources = scope.sources.filter(
      ({ name }) => item.table === undefined || name.toLowerCase() === item.table.toLowerCase(),
    );
    if (sources.length === 0) throw sqlError(263);
    return sources.flatMap(({ name, columns }) =>
      columns.map((column) => ({ sql: scope.resolve([name, column.name]).sql, column })),
    );
  }
  const { sql, type, nullable } = translateExpression(translation, scope, item.expression);
  if (item.kind === 'assign') {
    const target = translation.variable(item.variable);
    const value = coerce({ sql, type }, target).sql;
    return [{ sql: value, column: { name: '', type: target }, assigns: item.variable }];
  }
  const own = item.expression.kind === 'column' ? (item.expression.path.at(-1) ?? '') : '';
  return [{ sql, column: { name: item.alias ?? own, type, nullable: nullable ?? true } }];
}

/** Adds a source to the scope; returns its SQL. Joins go left to right, as conditions may refer to earlier sources. */
function translateSource(
  translation: Translation,
  source: Source,
  sources: ScopeSource[],
  scope: Scope,
  outer: Scope | undefined,
): string {
  if (source.kind === 'table') {
    const { name, alias = name.name } = source;
    const table = translation.table(name, 'SELECT');
    sources.push({ name: alias, columns: table.columns });
    return `${table.sql} AS ${quote(alias)}`;
  }
  const left = translateSource(translation, source.left, sources, scope, outer);
  const right = translateSource(translation, source.right, sources, scope, outer);
  const on = ` ON ${translateExpression(translation, scope, source.on).sql}`;
  return `${left} ${source.type} JOIN ${right}${on}`;
}
