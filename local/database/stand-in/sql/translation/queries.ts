import { SqlError, unsupported } from '../../sql-error.ts';
import type { DataType } from '../data-types.ts';
import type { Column } from '../result-sink.ts';
import type { Expression, Order, Query, QueryBody, Select, SelectItem, Source } from '../syntax/ast.ts';
import { type Translation, translateExpression } from './expressions.ts';
import { checkGrouping } from './grouping.ts';
import { quote, Scope, type ScopeColumn, type ScopeSource } from './scope.ts';
import { coerce, type Typed, unify } from './typed.ts';

export interface TranslatedQuery {
  readonly sql: string;
  readonly columns: readonly Column[];
  /** Variables that the query assigns instead of returning rows, by column. */
  readonly assigns?: readonly string[];
}

interface TranslatedBody {
  readonly sql: string;
  readonly columns: readonly Column[];
  readonly assigns?: readonly string[];
  /** The scope of a single SELECT, in which ORDER BY may also use columns not selected. */
  readonly scope?: Scope;
}

/** Translates a query; `outer` is the query around it, whose columns it may use. */
export function translateQuery(translation: Translation, query: Query, outer?: Scope): TranslatedQuery {
  const ctes = new Map(outer?.ctes ?? []);
  const definitions: string[] = [];
  for (const { name, columns: names, query: inner } of query.with) {
    const translated = translateQuery(translation, inner, new Scope([], outer, ctes));
    const columns = renamed(name, translated.columns, names);
    ctes.set(name.toLowerCase(), { name, columns });
    definitions.push(
      `${quote(name)} (${columns.map((column) => quote(column.name)).join(', ')}) AS (${translated.sql})`,
    );
  }
  const around = new Scope([], outer, ctes);
  const { body } = query;
  const translated = translateBody(translation, body, around, true);
  const parts = [
    ...(definitions.length > 0 ? [`WITH ${definitions.join(', ')}`] : []),
    translated.sql,
    ...translateOrder(translation, query.orderBy, body, translated),
    ...limit(translation, query, around),
  ];
  const { columns, assigns } = translated;
  return { sql: parts.join(' '), columns, ...(assigns ? { assigns } : {}) };
}

function renamed(source: string, columns: readonly Column[], names?: readonly string[]): ScopeColumn[] {
  if (names && names.length !== columns.length) {
    const message = `'${source}' has ${names.length < columns.length ? 'fewer' : 'more'} columns than were specified in the column list.`;
    throw new SqlError({ number: 8158, message });
  }
  return columns.map((column, index) => {
    const name = names?.[index] ?? column.name;
    if (name !== '') return { ...column, name };
    const message = `No column name was specified for column ${index + 1} of '${source}'.`;
    throw new SqlError({ number: 8155, message, state: 2 });
  });
}

function limit(translation: Translation, { body, offset, fetch }: Query, scope: Scope): string[] {
  const number = (expression: Expression) =>
    coerce(translateExpression(translation, scope, expression), { name: 'bigint' }).sql;
  if (offset) return [`LIMIT ${fetch ? number(fetch) : '-1'} OFFSET ${number(offset)}`];
  if (body.kind === 'select' && body.top) return [`LIMIT tsql_top(${number(body.top)})`];
  return [];
}

function translateOrder(
  translation: Translation,
  orderBy: readonly Order[],
  body: QueryBody,
  translated: TranslatedBody,
): string[] {
  if (orderBy.length === 0) return [];
  const terms = orderBy.map(({ expression, descending }) => {
    const sql = orderTerm(translation, expression, translated);
    return `${sql}${descending ? ' DESC' : ''}`;
  });
  if (
    body.kind === 'select' &&
    body.distinct &&
    orderBy.some(({ expression }) => expression.kind === 'call')
  ) {
    const message = 'ORDER BY items must appear in the select list if SELECT DISTINCT is specified.';
    throw new SqlError({ number: 145, severity: 15, message });
  }
  return [`ORDER BY ${terms.join(', ')}`];
}

function orderTerm(
  translation: Translation,
  expression: Expression,
  { columns, scope }: TranslatedBody,
): string {
  if (expression.kind === 'column' && expression.path.length === 1) {
    const name = expression.path[0]?.toLowerCase();
    const position = columns.findIndex((column) => column.name.toLowerCase() === name);
    if (position >= 0) return String(position + 1);
  }
  if (expression.kind === 'literal' && typeof expression.value === 'number') {
    if (expression.value >= 1 && expression.value <= columns.length) return String(expression.value);
    const message = `The ORDER BY position number ${expression.value} is out of range of the number of items in the select list.`;
    throw new SqlError({ number: 108, severity: 15, message });
  }
  if (!scope) {
    const message =
      'ORDER BY items must appear in the select list if the statement contains a UNION, INTERSECT or EXCEPT operator.';
    throw new SqlError({ number: 104, severity: 15, message });
  }
  return translateExpression(translation, scope, expression).sql;
}

function translateBody(
  translation: Translation,
  body: QueryBody,
  outer: Scope,
  outermost: boolean,
): TranslatedBody {
  if (body.kind === 'select') {
    const translated = translateSelect(translation, body, outer);
    if (outermost || !body.top) return translated;
    const top = coerce(translateExpression(translation, outer, body.top), { name: 'bigint' });
    return {
      columns: translated.columns,
      sql: `SELECT * FROM (${translated.sql} LIMIT tsql_top(${top.sql}))`,
    };
  }
  if (body.kind === 'values') return translateValues(translation, body.rows, outer);
  const left = translateBody(translation, body.left, outer, false);
  const right = translateBody(translation, body.right, outer, false);
  if (left.columns.length !== right.columns.length) {
    const message =
      'All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal number of expressions in their target lists.';
    throw new SqlError({ number: 205, message });
  }
  const columns = left.columns.map((column, index) => {
    const other = right.columns[index] ?? column;
    return { ...column, nullable: true, type: unify([typed(column.type), typed(other.type)]).type };
  });
  const side = ({ sql }: TranslatedBody, part: QueryBody) =>
    part.kind === 'compound' ? `SELECT * FROM (${sql})` : sql;
  return { columns, sql: `${side(left, body.left)} ${body.operator} ${side(right, body.right)}` };
}

const typed = (type: DataType): Typed => ({ sql: '', type });

function translateValues(
  translation: Translation,
  rows: readonly (readonly Expression[])[],
  outer: Scope,
): TranslatedBody {
  const [first = []] = rows;
  if (rows.some((row) => row.length !== first.length)) {
    const message = 'All the rows of a VALUES list must have the same number of values.';
    throw new SqlError({ number: 10709, severity: 16, message });
  }
  const translated = rows.map((row) => row.map((value) => translateExpression(translation, outer, value)));
  const columns = first.map((_, index) => ({
    name: '',
    type: unify(translated.flatMap((row) => row[index] ?? [])).type,
  }));
  const sql = translated.map(
    (row) =>
      `(${row.map((value, index) => coerce(value, columns[index]?.type ?? value.type).sql).join(', ')})`,
  );
  return { columns, sql: `VALUES ${sql.join(', ')}` };
}

function translateSelect(translation: Translation, select: Select, outer: Scope): TranslatedBody {
  const sources: ScopeSource[] = [];
  const scope = new Scope(sources, outer);
  const from = select.from.map((source) => translateSource(translation, source, sources, scope, outer));
  const inner = (expression: Expression) => translateExpression(translation, scope, expression).sql;
  const items = select.items.flatMap((item) => translateItem(translation, item, scope));
  const assigns = items.flatMap(({ assigns: variable }) => variable ?? []);
  if (assigns.length > 0 && assigns.length < items.length) {
    const message =
      'A SELECT statement that assigns a value to a variable must not be combined with data-retrieval operations.';
    throw new SqlError({ number: 141, severity: 15, message });
  }
  checkGrouping(select, scope);
  const list = items.map(({ sql, column }) => (column.name === '' ? sql : `${sql} AS ${quote(column.name)}`));
  const parts = [
    `SELECT ${select.distinct ? 'DISTINCT ' : ''}${list.join(', ')}`,
    ...(from.length > 0 ? [`FROM ${from.join(', ')}`] : []),
    ...(select.where ? [`WHERE ${inner(select.where)}`] : []),
    ...(select.groupBy.length > 0 ? [`GROUP BY ${select.groupBy.map(inner).join(', ')}`] : []),
    ...(select.having ? [`HAVING ${inner(select.having)}`] : []),
  ];
  const columns = items.map(({ column }) => column);
  return { sql: parts.join(' '), columns, scope, ...(assigns.length > 0 ? { assigns } : {}) };
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
    if (sources.length === 0)
      throw new SqlError({ number: 263, message: 'Must specify table to select from.' });
    return sources.flatMap(({ name, columns }) =>
      columns.map((column) => ({ sql: `${quote(name)}.${quote(column.name)}`, column })),
    );
  }
  const { sql, type, nullable } = translateExpression(translation, scope, item.expression);
  if (item.kind === 'assign') {
    const target = translation.context.variable(item.variable);
    return [
      { sql: coerce({ sql, type }, target).sql, column: { name: '', type: target }, assigns: item.variable },
    ];
  }
  const own = item.expression.kind === 'column' ? (item.expression.path.at(-1) ?? '') : '';
  return [{ sql, column: { name: item.alias ?? own, type, nullable: nullable ?? true } }];
}

/** Adds a source to the scope and returns its SQL. Joins are read from left to right, as conditions may look back. */
export function translateSource(
  translation: Translation,
  source: Source,
  sources: ScopeSource[],
  scope: Scope,
  outer: Scope | undefined,
): string {
  switch (source.kind) {
    case 'table': {
      const { name, alias } = source;
      const cte = name.schema === undefined ? scope.ctes.get(name.name.toLowerCase()) : undefined;
      if (cte) {
        sources.push({ name: alias ?? cte.name, columns: cte.columns });
        return `${quote(cte.name)} AS ${quote(alias ?? cte.name)}`;
      }
      const table = translation.context.table(name, 'SELECT');
      sources.push({ name: alias ?? name.name, columns: table.columns });
      return `${table.sql} AS ${quote(alias ?? name.name)}`;
    }
    case 'derived': {
      const translated = translateQuery(translation, source.query, new Scope([], outer, scope.ctes));
      const columns = renamed(source.alias, translated.columns, source.columns);
      sources.push({ name: source.alias, columns });
      const names = source.columns || source.query.body.kind === 'values' ? columns : undefined;
      if (!names) return `(${translated.sql}) AS ${quote(source.alias)}`;
      const positions = names.map((column, index) => `column${index + 1} AS ${quote(column.name)}`);
      if (source.query.body.kind === 'values') {
        return `(SELECT ${positions.join(', ')} FROM (${translated.sql})) AS ${quote(source.alias)}`;
      }
      throw unsupported('A column list after a derived table');
    }
    default: {
      const left = translateSource(translation, source.left, sources, scope, outer);
      const right = translateSource(translation, source.right, sources, scope, outer);
      const on = source.on ? ` ON ${translateExpression(translation, scope, source.on).sql}` : '';
      const grouped = source.right.kind === 'join' ? `(${right})` : right;
      return `${left} ${source.type} JOIN ${grouped}${on}`;
    }
  }
}
