import { cannot, SqlError, unsupported } from '../../sql-error.ts';
import { addIndex, addTable, alreadyAnObject, removeTable } from '../catalogue/objects.ts';
import { createTableSql } from '../catalogue/table-definition.ts';
import { temporaryTable } from '../catalogue/tables.ts';
import type { ObjectName } from '../syntax/ast.ts';
import type { Statement, StatementOf } from '../syntax/statements.ts';
import { quote } from '../translation/scope.ts';
import type { Execution } from './execution.ts';
import { findNamed, findTable, requireHere, requirePermission, schemaNamed } from './find-table.ts';
import { newTranslation, whenFree } from './queries.ts';
import type { Session } from './session.ts';
import { alterTable, defineTable } from './table-builder.ts';

/** Runs a statement that defines something; false if it is none. */
export async function executeDefinition(execution: Execution, statement: Statement): Promise<boolean> {
  const { session } = execution;
  if (executeDatabase(session, statement)) return true;
  const change = changeOf(execution, statement);
  if (!change) return false;
  // The catalogue and SQLite's schema change together or not at all.
  await whenFree(execution, statement.kind, true, () => session.transactions.atomically(change));
  return true;
}

/** What stands outside every transaction. */
function executeDatabase(session: Session, statement: Statement): boolean {
  const { instance, login, transactions } = session;
  if (statement.kind === 'createDatabase') {
    transactions.requireNone('CREATE DATABASE');
    if (!login.administrator) {
      const message = `CREATE DATABASE permission denied in database 'master'.`;
      throw new SqlError({ number: 262, severity: 14, message });
    }
    instance.createDatabase(statement.name, login);
    return true;
  }
  if (statement.kind !== 'dropDatabase') return false;
  transactions.requireNone('DROP DATABASE');
  const { name, ifExists } = statement;
  const row = instance.database(name);
  if (!row && ifExists) return true;
  if (!row || Buffer.compare(Buffer.from(row.ownerSid), Buffer.from(login.sid)) !== 0) {
    const message = `Cannot drop the database '${name}', because it does not exist or you do not have permission.`;
    throw new SqlError({ number: 3701, severity: 11, message });
  }
  instance.dropDatabase(row);
  return true;
}

function changeOf(execution: Execution, statement: Statement): (() => void) | undefined {
  const { session } = execution;
  switch (statement.kind) {
    case 'createSchema':
      return () => createSchema(session, statement);
    case 'createTable':
      return () => createTable(execution, statement);
    case 'alterTable':
      return () => alterTable(session, newTranslation(execution), statement);
    case 'dropTable':
      return () => dropTable(session, statement);
    case 'createIndex':
      return () => createIndex(session, statement);
    case 'identityInsert':
      return () => {
        const { objectId } = findTable(session, statement.table, 'ALTER');
        session.identityInsert = statement.on ? objectId : undefined;
      };
    default:
      return undefined;
  }
}

/** The schema in which a new object is to stand: error 2760 if there is none. */
function schemaFor(session: Session, name: ObjectName) {
  requireHere(session, name);
  const wanted = name.schema ?? session.user.defaultSchema;
  const found = schemaNamed(session, wanted);
  if (found && session.permissions.has('ALTER', { schemaId: found.schemaId })) return found;
  const message = `The specified schema name "${wanted}" either does not exist or you do not have permission to use it.`;
  throw new SqlError({ number: 2760, message });
}

function createSchema(session: Session, { name, owner }: StatementOf<'createSchema'>): void {
  requirePermission(session, 'CREATE SCHEMA');
  if (schemaNamed(session, name)) throw alreadyAnObject(name);
  const ownerId = owner === undefined ? session.user.principalId : session.principalId(owner);
  if (ownerId === undefined) throw cannot(`find the user '${owner}'`);
  session.sqlite
    .prepare('INSERT INTO "sys.schemas" SELECT ?, max(4, max(schema_id)) + 1, ? FROM "sys.schemas"')
    .run(name, ownerId);
}

function createTable(execution: Execution, statement: StatementOf<'createTable'>): void {
  const { session } = execution;
  const { sqlite } = session;
  const { table } = statement;
  const translation = newTranslation(execution);
  if (table.name.startsWith('#')) {
    if (statement.columns.some(({ identity }) => identity))
      throw unsupported('IDENTITY in a temporary table');
    if (temporaryTable(sqlite, table.name)) throw alreadyAnObject(table.name);
    sqlite.exec(createTableSql(defineTable(session, translation, table.name, statement), true));
    session.temporaryTables.add(table.name);
    return;
  }
  requirePermission(session, 'CREATE TABLE');
  const schema = schemaFor(session, table);
  const definition = defineTable(session, translation, `${schema.name}.${table.name}`, statement);
  addTable(sqlite, schema.schemaId, table.name, definition);
  sqlite.exec(createTableSql(definition));
}

function dropTable(session: Session, { table: name, ifExists }: StatementOf<'dropTable'>): void {
  const { sqlite } = session;
  const temporary = name.name.startsWith('#') && temporaryTable(sqlite, name.name);
  if (temporary) {
    session.dropTemporaryTables([name.name]);
    return;
  }
  const object = findNamed(session, name);
  if (!object && ifExists) return;
  if (object?.type !== 'U' || !session.permissions.has('ALTER', object)) {
    const message = `Cannot drop the table '${name.name}', because it does not exist or you do not have permission.`;
    throw new SqlError({ number: 3701, severity: 11, state: 5, message });
  }
  const sqliteName = `${object.schema}.${object.name}`;
  const referencing = sqlite
    .prepare(
      `SELECT 1 FROM main.sqlite_schema AS s, pragma_foreign_key_list(s.name, 'main') AS f
       WHERE s.type = 'table' AND f."table" = ? COLLATE NOCASE AND s.name <> ?`,
    )
    .get(sqliteName, sqliteName);
  if (referencing) {
    const message = `Could not drop object '${sqliteName}' because it is referenced by a FOREIGN KEY constraint.`;
    throw new SqlError({ number: 3726, message });
  }
  removeTable(sqlite, object.objectId);
  sqlite.exec(`DROP TABLE main.${quote(sqliteName)}`);
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
  // Names of indexes are a table's own in T-SQL and a database's in SQLite.
  const sqliteTable = `${target.schema}.${target.name}`;
  session.sqlite.exec(
    `CREATE ${unique ? 'UNIQUE ' : ''}INDEX main.${quote(`${sqliteTable}.${name}`)} ON ${quote(sqliteTable)} (${list})`,
  );
}
