import { SqlError, unsupported } from '../../sql-error.ts';
import { addIndex, addTable, alreadyAnObject, removeIndex, removeObject } from '../catalogue/objects.ts';
import { createTableSql } from '../catalogue/table-definition.ts';
import type { ObjectName } from '../syntax/ast.ts';
import type { Statement, StatementOf } from '../syntax/statements.ts';
import { quote } from '../translation/scope.ts';
import type { Execution } from './batch.ts';
import { executeDatabase } from './databases.ts';
import { requireHere } from './other-databases.ts';
import { newTranslation, whenFree } from './queries.ts';
import type { Session } from './session.ts';
import { defineTable } from './table-builder.ts';
import { alterTable } from './table-changes.ts';
import { findNamed, findTable } from './translation-context.ts';

/** Runs a statement that defines something; false if it is none. */
export async function executeDefinition(execution: Execution, statement: Statement): Promise<boolean> {
  const { session } = execution;
  if (executeDatabase(execution, statement)) return true;
  const change = changeOf(execution, statement);
  if (!change) return false;
  if (session.transactions.doomed) session.transactions.commit();
  await whenFree(execution, statement.kind, true, () => inOneStep(session, change));
  return true;
}

function changeOf(execution: Execution, statement: Statement): (() => void) | undefined {
  const { session } = execution;
  switch (statement.kind) {
    case 'createSchema':
      return () => createSchema(session, statement);
    case 'dropSchema':
      return () => dropSchema(session, statement);
    case 'createTable':
      return () => createTable(execution, statement);
    case 'alterTable':
      return () => alterTable(session, newTranslation(execution), statement);
    case 'dropTable':
      return () => {
        for (const table of statement.tables) dropTable(session, table, statement.ifExists);
      };
    case 'createIndex':
      return () => createIndex(session, statement);
    case 'dropIndex':
      return () => dropIndex(session, statement);
    case 'identityInsert':
      return () => {
        const { objectId } = findTable(session, statement.table, 'ALTER');
        session.identityInsert = statement.on ? objectId : undefined;
      };
    default:
      return undefined;
  }
}

/** The catalogue and SQLite's schema change together or not at all. */
function inOneStep({ sqlite, transactions }: Session, change: () => void): void {
  const [begin, end, undo] = transactions.begun
    ? ['SAVEPOINT "$definition"', 'RELEASE "$definition"', 'ROLLBACK TO "$definition"; RELEASE "$definition"']
    : ['BEGIN IMMEDIATE', 'COMMIT', 'ROLLBACK'];
  sqlite.exec(begin);
  try {
    change();
    sqlite.exec(end);
  } catch (error) {
    sqlite.exec(undo);
    throw error;
  }
}

export function schemaNamed(
  { sqlite }: Session,
  name: string,
): { schemaId: number; name: string } | undefined {
  const row = sqlite.prepare('SELECT schema_id, name FROM "sys.schemas" WHERE name = ?').get(name);
  return row ? { schemaId: Number(row.schema_id), name: String(row.name) } : undefined;
}

/** Error 262 without a permission on the database. */
export function requirePermission(session: Session, permission: string, target = {}): void {
  if (session.permissions.has(permission, target)) return;
  const message = `${permission} permission denied in database '${session.database.name}'.`;
  throw new SqlError({ number: 262, severity: 14, message });
}

/** The schema in which a new object is to stand: error 2760 if there is none. */
function schemaFor(session: Session, name: ObjectName) {
  requireHere(session, name);
  const { schema } = name;
  const wanted = schema ?? session.user.defaultSchema;
  const found = schemaNamed(session, wanted);
  if (found && session.permissions.has('ALTER', { schemaId: found.schemaId })) return found;
  const message = `The specified schema name "${wanted}" either does not exist or you do not have permission to use it.`;
  throw new SqlError({ number: 2760, message });
}

function createSchema(session: Session, { name, owner }: StatementOf<'createSchema'>): void {
  requirePermission(session, 'CREATE SCHEMA');
  if (schemaNamed(session, name)) throw alreadyAnObject(name);
  const { sqlite } = session;
  const ownerRow =
    owner === undefined
      ? undefined
      : sqlite.prepare('SELECT principal_id FROM "sys.database_principals" WHERE name = ?').get(owner);
  if (owner !== undefined && !ownerRow) {
    const message = `Cannot find the user '${owner}', because it does not exist or you do not have permission.`;
    throw new SqlError({ number: 15151, message });
  }
  sqlite
    .prepare('INSERT INTO "sys.schemas" SELECT ?, max(4, max(schema_id)) + 1, ? FROM "sys.schemas"')
    .run(name, Number(ownerRow?.principal_id ?? session.user.principalId));
}

function dropSchema(session: Session, { name, ifExists }: StatementOf<'dropSchema'>): void {
  const schema = schemaNamed(session, name);
  if (!schema) {
    if (ifExists) return;
    throw new SqlError({
      number: 15151,
      message: `Cannot drop the schema '${name}', because it does not exist or you do not have permission.`,
    });
  }
  requirePermission(session, 'ALTER', { schemaId: schema.schemaId });
  if (session.sqlite.prepare('SELECT 1 FROM "$objects" WHERE schema_id = ?').get(schema.schemaId)) {
    throw new SqlError({
      number: 3729,
      message: `Cannot drop schema '${name}' because it is being referenced by another object.`,
    });
  }
  session.sqlite.prepare('DELETE FROM "sys.schemas" WHERE schema_id = ?').run(schema.schemaId);
}

function createTable(execution: Execution, statement: StatementOf<'createTable'>): void {
  const { session } = execution;
  const { table } = statement;
  if (table.name.startsWith('#')) throw unsupported('A temporary table');
  requirePermission(session, 'CREATE TABLE');
  const schema = schemaFor(session, table);
  const definition = defineTable(
    session,
    newTranslation(execution),
    `${schema.name}.${table.name}`,
    statement,
  );
  addTable(session.sqlite, schema.schemaId, table.name, definition);
  session.sqlite.exec(createTableSql(definition));
}

function dropTable(session: Session, name: ObjectName, ifExists: boolean): void {
  const object = findNamed(session, name);
  if (object?.type !== 'U' || !session.permissions.has('ALTER', object)) {
    if (ifExists && !object) return;
    const message = `Cannot drop the table '${name.name}', because it does not exist or you do not have permission.`;
    throw new SqlError({ number: 3701, severity: 11, state: 5, message });
  }
  const { sqlite } = session;
  const referencing = sqlite
    .prepare(
      `SELECT 1 FROM "$foreign_keys" AS f JOIN "$objects" AS o ON o.object_id = f.object_id
       WHERE f.referenced_object_id = ? AND o.parent_object_id <> ?`,
    )
    .get(object.objectId, object.objectId);
  if (referencing) {
    const message = `Could not drop object '${object.schema}.${object.name}' because it is referenced by a FOREIGN KEY constraint.`;
    throw new SqlError({ number: 3726, message });
  }
  removeObject(sqlite, object.objectId);
  sqlite.exec(`DROP TABLE main.${quote(`${object.schema}.${object.name}`)}`);
}

function createIndex(session: Session, { name, unique, table, columns }: StatementOf<'createIndex'>): void {
  const target = findTable(session, table, 'ALTER');
  for (const column of columns) {
    if (target.columns.some((candidate) => candidate.name.toLowerCase() === column.name.toLowerCase()))
      continue;
    const message = `Column name '${column.name}' does not exist in the target table or view.`;
    throw new SqlError({ number: 1911, message });
  }
  addIndex(session.sqlite, target.objectId, { name, unique, columns: columns.map((column) => column.name) });
  const list = columns.map((column) => `${quote(column.name)}${column.descending ? ' DESC' : ''}`).join(', ');
  const sqliteTable = quote(`${target.schema}.${target.name}`);
  session.sqlite.exec(
    `CREATE ${unique ? 'UNIQUE ' : ''}INDEX ${indexName(target, name)} ON ${sqliteTable} (${list})`,
  );
}

/** Names of indexes are a table's own in T-SQL and a database's in SQLite. */
const indexName = (table: { schema: string; name: string }, name: string) =>
  `main.${quote(`${table.schema}.${table.name}.${name}`)}`;

function dropIndex(session: Session, { name, table, ifExists }: StatementOf<'dropIndex'>): void {
  const target = findTable(session, table, 'ALTER');
  if (removeIndex(session.sqlite, target.objectId, name)) {
    session.sqlite.exec(`DROP INDEX ${indexName(target, name)}`);
  } else if (!ifExists) {
    const message = `Cannot drop the index '${table.name}.${name}', because it does not exist or you do not have permission.`;
    throw new SqlError({ number: 3701, severity: 11, state: 7, message });
  }
}
