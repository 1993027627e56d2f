import { cannot, sqlError, unsupported } from '../../sql-error.ts';
import { addIndex, alreadyAnObject, removeTable } from '../catalogue/objects.ts';
import type { ObjectName, TableParts } from '../syntax/ast.ts';
import { quote } from '../translation/scope.ts';
import type { Execution, Run } from './execution.ts';
import { findNamed, findTable, requireHere, requirePermission, schemaNamed } from './find-table.ts';
import { whenFree } from './queries.ts';
import type { Session } from './session.ts';
import { buildTable } from './table-builder.ts';

/** A DDL statement: the catalogue and SQLite's schema change together or not at all. */
export const define =
  (what: string, change: (execution: Execution) => void): Run =>
  async (execution) => {
    const { transactions } = execution.session;
    await whenFree(execution, what, true, () => transactions.atomically(() => change(execution)));
    execution.sink.done();
  };

export function createDatabase({ instance, login, transactions }: Session, name: string): void {
  transactions.requireNone('CREATE DATABASE');
  if (!login.administrator) throw sqlError(262, 'CREATE DATABASE', 'master');
  instance.createDatabase(name, login);
}

export function dropDatabase(
  { instance, login, transactions }: Session,
  name: string,
  ifExists: boolean,
): void {
  transactions.requireNone('DROP DATABASE');
  const row = instance.database(name);
  if (!row && ifExists) return;
  if (!row || Buffer.compare(Buffer.from(row.ownerSid), Buffer.from(login.sid)) !== 0)
    throw sqlError(3701, 'database', name);
  instance.dropDatabase(row);
}

/** The schema for a new object; error 2760 if it does not exist or may not be altered. */
function schemaFor(session: Session, name: ObjectName) {
  requireHere(session, name);
  const wanted = name.schema ?? session.user.defaultSchema;
  const found = schemaNamed(session, wanted);
  if (found && session.permissions.has('ALTER', { schemaId: found.schemaId })) return found;
  throw sqlError(2760, wanted);
}

export function createSchema(session: Session, name: string, owner: string | undefined): void {
  requirePermission(session, 'CREATE SCHEMA');
  if (schemaNamed(session, name)) throw alreadyAnObject(name);
  const ownerId = owner === undefined ? session.user.principalId : session.principalId(owner);
  if (ownerId === undefined) throw cannot(`find the user '${owner}'`);
  session.sqlite
    .prepare('INSERT INTO "sys.schemas" SELECT ?, max(4, max(schema_id)) + 1, ? FROM "sys.schemas"')
    .run(name, ownerId);
}

export function createTable(execution: Execution, table: ObjectName, parts: TableParts): void {
  const { session } = execution;
  if (table.name.startsWith('#')) throw unsupported('A temporary table');
  requirePermission(session, 'CREATE TABLE');
  buildTable(execution, schemaFor(session, table), table.name, parts);
}

export function dropTable(session: Session, name: ObjectName, ifExists: boolean): void {
  const { sqlite } = session;
  const object = findNamed(session, name);
  if (!object && ifExists) return;
  if (object?.type !== 'U' || !session.permissions.has('ALTER', object))
    throw sqlError(3701, 'table', name.name);
  const sqliteName = `${object.schema}.${object.name}`;
  const referencing = sqlite
    .prepare(
      `SELECT 1 FROM main.sqlite_schema AS s, pragma_foreign_key_list(s.name, 'main') AS f
       WHERE s.type = 'table' AND f."table" = ? COLLATE NOCASE AND s.name <> ?`,
    )
    .get(sqliteName, sqliteName);
  if (referencing) throw sqlError(3726, sqliteName);
  removeTable(sqlite, object.objectId);
  sqlite.exec(`DROP TABLE main.${quote(sqliteName)}`);
}

export interface IndexDefinition {
  readonly name: string;
  readonly unique: boolean;
  readonly table: ObjectName;
  readonly columns: readonly { readonly name: string; readonly descending: boolean }[];
}

export function createIndex(session: Session, { name, unique, table, columns }: IndexDefinition): void {
  const target = findTable(session, table, 'ALTER');
  const known = target.columns.map((column) => column.name.toLowerCase());
  const missing = columns.find((column) => !known.includes(column.name.toLowerCase()));
  if (missing) throw sqlError(1911, missing.name);
  addIndex(session.sqlite, target.objectId, { name, unique, columns: columns.map((column) => column.name) });
  const list = columns.map((column) => `${quote(column.name)}${column.descending ? ' DESC' : ''}`).join(', ');
  // Index names are unique per table in T-SQL, but per database in SQLite.
  const sqliteTable = `${target.schema}.${target.name}`;
  const index = quote(`${sqliteTable}.${name}`);
  session.sqlite.exec(
    `CREATE ${unique ? 'UNIQUE ' : ''}INDEX main.${index} ON ${quote(sqliteTable)} (${list})`,
  );
}
