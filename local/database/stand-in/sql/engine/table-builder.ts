import { SqlError } from '../../sql-error.ts';
import { loadDefinition } from '../catalogue/objects.ts';
import type { TableColumn, TableConstraint, TableDefinition } from '../catalogue/table-definition.ts';
import type { ColumnDefinition, ConstraintDefinition } from '../syntax/statements.ts';
import { type Translation, translateExpression } from '../translation/expressions.ts';
import { assign } from '../translation/modifications.ts';
import { Scope } from '../translation/scope.ts';
import type { Session } from './session.ts';
import { findTable } from './translation-context.ts';

interface Parts {
  readonly columns: readonly ColumnDefinition[];
  readonly constraints: readonly ConstraintDefinition[];
}

/** Makes a table's definition from what was written; `before` is what ALTER TABLE adds to. */
export function defineTable(
  session: Session,
  translation: Translation,
  name: string,
  parts: Parts,
  before?: TableDefinition,
): TableDefinition {
  const primaryKey = parts.constraints.flatMap((constraint) =>
    constraint.kind === 'PRIMARY KEY' ? constraint.columns : [],
  );
  const isKey = (column: string) => primaryKey.some((key) => key.toLowerCase() === column.toLowerCase());
  const added = parts.columns.map((column) => defineColumn(translation, column, isKey(column.name)));
  const columns = [...(before?.columns ?? []), ...added];
  const seen = new Set<string>();
  for (const column of columns) {
    const key = column.name.toLowerCase();
    if (seen.has(key)) {
      const message = `Column names in each table must be unique. Column name '${column.name}' in table '${name}' is specified more than once.`;
      throw new SqlError({ number: 2705, message, state: 3 });
    }
    seen.add(key);
  }
  const draft = { name, columns, constraints: [...(before?.constraints ?? [])] };
  for (const constraint of parts.constraints) {
    draft.constraints.push(defineConstraint(session, translation, draft, constraint));
  }
  return draft;
}

function defineColumn(translation: Translation, column: ColumnDefinition, key: boolean): TableColumn {
  const { name, type, nullable = !key, identity, defaultValue } = column;
  if (key && column.nullable) {
    throw new SqlError({
      number: 8111,
      message: `Cannot define PRIMARY KEY constraint on nullable column in table.`,
    });
  }
  const sql = defaultValue
    ? assign(translateExpression(translation, new Scope([]), defaultValue.expression), type).sql
    : undefined;
  return {
    name,
    type,
    nullable,
    ...(identity ? { identity } : {}),
    ...(sql === undefined ? {} : { defaultValue: sql }),
  };
}

function defineConstraint(
  session: Session,
  translation: Translation,
  table: TableDefinition,
  constraint: ConstraintDefinition,
): TableConstraint {
  const name =
    constraint.name ?? `${prefixes[constraint.kind]}__${table.name.split('.')[1]}__${randomSuffix()}`;
  switch (constraint.kind) {
    case 'CHECK': {
      const scope = new Scope([
        {
          name: table.name,
          columns: table.columns.map(({ name, type, nullable }) => ({ name, type, nullable })),
        },
      ]);
      return { kind: 'CHECK', name, sql: translateExpression(translation, scope, constraint.expression).sql };
    }
    case 'FOREIGN KEY': {
      requireColumns(table, constraint.columns, 1769);
      const { references, onDelete, onUpdate } = constraint;
      const itself =
        table.name.toLowerCase() ===
        `${references.schema ?? session.user.defaultSchema}.${references.name}`.toLowerCase();
      const target = itself ? undefined : findTable(session, references, 'REFERENCES');
      const referenced = target ? loadDefinition(session.sqlite, target.objectId) : table;
      const referencedColumns =
        constraint.referencedColumns.length > 0 ? constraint.referencedColumns : keyOf(referenced);
      requireColumns(referenced, referencedColumns, 1770);
      if (!isUnique(referenced, referencedColumns)) {
        const message = `There are no primary or candidate keys in the referenced table '${referenced.name}' that match the referencing column list in the foreign key '${name}'.`;
        throw new SqlError({ number: 1776, message, state: 0 });
      }
      const rules = { ...(onDelete ? { onDelete } : {}), ...(onUpdate ? { onUpdate } : {}) };
      return {
        kind: 'FOREIGN KEY',
        name,
        columns: constraint.columns,
        table: referenced.name,
        referencedColumns,
        ...rules,
      };
    }
    default:
      requireColumns(table, constraint.columns, 1911);
      return { kind: constraint.kind, name, columns: constraint.columns };
  }
}

const prefixes = { 'PRIMARY KEY': 'PK', UNIQUE: 'UQ', 'FOREIGN KEY': 'FK', CHECK: 'CK' } as const;

const randomSuffix = () => Math.random().toString(16).slice(2, 10).padEnd(8, '0').toUpperCase();

const keyOf = ({ constraints }: TableDefinition) =>
  constraints.flatMap((constraint) => (constraint.kind === 'PRIMARY KEY' ? constraint.columns : []));

function isUnique({ constraints }: TableDefinition, columns: readonly string[]): boolean {
  const wanted = columns
    .map((column) => column.toLowerCase())
    .sort()
    .join('\0');
  return constraints.some(
    (constraint) =>
      (constraint.kind === 'PRIMARY KEY' || constraint.kind === 'UNIQUE') &&
      constraint.columns
        .map((column) => column.toLowerCase())
        .sort()
        .join('\0') === wanted,
  );
}

function requireColumns({ name, columns }: TableDefinition, wanted: readonly string[], number: number): void {
  for (const column of wanted) {
    if (columns.some((candidate) => candidate.name.toLowerCase() === column.toLowerCase())) continue;
    throw new SqlError({ number, message: `Column name '${column}' does not exist in the table '${name}'.` });
  }
}
