import { SqlError, unsupported } from '../../sql-error.ts';
import { addConstraint, loadDefinition, removeObject, saveDefinition } from '../catalogue/objects.ts';
import {
  columnSql,
  createTableSql,
  type TableConstraint,
  type TableDefinition,
} from '../catalogue/table-definition.ts';
import type { StatementOf } from '../syntax/statements.ts';
import type { Translation } from '../translation/expressions.ts';
import { quote } from '../translation/scope.ts';
import type { Session } from './session.ts';
import { defineTable } from './table-builder.ts';
import { findNamed, findTable } from './translation-context.ts';

/** Runs ALTER TABLE. */
export function alterTable(
  session: Session,
  translation: Translation,
  { table, action }: StatementOf<'alterTable'>,
): void {
  const { sqlite } = session;
  const { objectId } = findTable(session, table, 'ALTER');
  const object = findNamed(session, table);
  const before = loadDefinition(sqlite, objectId);
  const schemaId = object?.schemaId ?? 1;
  switch (action.kind) {
    case 'checkConstraints':
      return;
    case 'add': {
      const after = defineTable(session, translation, before.name, action, before);
      const columns = after.columns.slice(before.columns.length);
      for (const column of columns) {
        if (column.identity) throw unsupported('ALTER TABLE … ADD with IDENTITY');
        sqlite.exec(`ALTER TABLE main.${quote(before.name)} ADD COLUMN ${columnSql(before.name, column)}`);
      }
      const constraints = after.constraints.slice(before.constraints.length);
      for (const constraint of constraints) {
        if (constraint.kind === 'PRIMARY KEY' || constraint.kind === 'UNIQUE')
          throw unsupported(`ALTER TABLE … ADD ${constraint.kind}`);
        addConstraint(sqlite, schemaId, objectId, constraint);
      }
      saveDefinition(sqlite, objectId, after);
      if (constraints.length > 0) rewrite(session, after, constraints);
      return;
    }
    case 'dropConstraint': {
      const constraint = before.constraints.find(
        ({ name }) => name.toLowerCase() === action.name.toLowerCase(),
      );
      if (!constraint) {
        if (action.ifExists) return;
        throw new SqlError({ number: 3728, message: `'${action.name}' is not a constraint.` });
      }
      if (constraint.kind === 'PRIMARY KEY' || constraint.kind === 'UNIQUE')
        throw unsupported(`ALTER TABLE … DROP of a ${constraint.kind}`);
      const row = sqlite
        .prepare('SELECT object_id FROM "$objects" WHERE parent_object_id = ? AND name = ?')
        .get(objectId, constraint.name);
      removeObject(sqlite, Number(row?.object_id));
      const after = { ...before, constraints: before.constraints.filter((other) => other !== constraint) };
      saveDefinition(sqlite, objectId, after);
      rewrite(session, after, []);
      return;
    }
    default: {
      const column = before.columns.find(({ name }) => name.toLowerCase() === action.name.toLowerCase());
      if (!column) {
        if (action.ifExists) return;
        const message = `ALTER TABLE DROP COLUMN failed because column '${action.name}' does not exist in table '${table.name}'.`;
        throw new SqlError({ number: 4924, message });
      }
      sqlite.exec(`ALTER TABLE main.${quote(before.name)} DROP COLUMN ${quote(column.name)}`);
      saveDefinition(sqlite, objectId, {
        ...before,
        columns: before.columns.filter((other) => other !== column),
      });
    }
  }
}

/**
 * Gives SQLite a table's new definition where only CHECK and FOREIGN KEY constraints differ, which do not show in the
 * file's content: https://sqlite.org/lang_altertable.html#otheralter. Rows that break a new constraint: error 547.
 */
function rewrite({ sqlite }: Session, definition: TableDefinition, added: readonly TableConstraint[]): void {
  for (const constraint of added) {
    const broken =
      constraint.kind === 'CHECK'
        ? brokenCheck(definition.name, constraint.sql)
        : brokenReference(definition.name, constraint);
    if (!sqlite.prepare(broken).get()) continue;
    const message = `The ALTER TABLE statement conflicted with the ${constraint.kind} constraint "${constraint.name}".`;
    throw new SqlError({ number: 547, message, state: 0 });
  }
  const { schema_version: version } = sqlite.prepare('PRAGMA main.schema_version').get() as {
    schema_version: number;
  };
  sqlite.exec('PRAGMA writable_schema = ON');
  try {
    sqlite
      .prepare(`UPDATE main.sqlite_schema SET sql = ? WHERE type = 'table' AND name = ?`)
      .run(createTableSql(definition), definition.name);
    sqlite.exec(`PRAGMA main.schema_version = ${version + 1}`);
  } finally {
    sqlite.exec('PRAGMA writable_schema = OFF');
  }
}

const brokenCheck = (table: string, sql: string) =>
  `SELECT 1 FROM main.${quote(table)} AS ${quote(table)} WHERE NOT (${sql}) LIMIT 1`;

function brokenReference(table: string, constraint: TableConstraint): string {
  if (constraint.kind !== 'FOREIGN KEY') throw unsupported(constraint.kind);
  const pairs = constraint.columns.map(
    (column, index) => `p.${quote(constraint.referencedColumns[index] ?? '')} = c.${quote(column)}`,
  );
  const present = constraint.columns.map((column) => `c.${quote(column)} IS NOT NULL`);
  const parents = `SELECT 1 FROM main.${quote(constraint.table)} AS p WHERE ${pairs.join(' AND ')}`;
  return `SELECT 1 FROM main.${quote(table)} AS c WHERE ${present.join(' AND ')} AND NOT EXISTS (${parents}) LIMIT 1`;
}
