import { SqlError } from '../../sql-error.ts';
import type { SqlValue } from '../data-types.ts';
import type { StatementOf } from '../syntax/statements.ts';
import {
  type TranslatedModification,
  translateDelete,
  translateInsert,
  translateUpdate,
} from '../translation/modifications.ts';
import { quote } from '../translation/scope.ts';
import type { Execution } from './batch.ts';
import { bindings, newTranslation, prepare, whenFree } from './queries.ts';
import { findTable } from './translation-context.ts';

type Modification = StatementOf<'insert'> | StatementOf<'update'> | StatementOf<'delete'>;

/** Runs INSERT, UPDATE, DELETE or TRUNCATE: all of it or, after an error, none. */
export async function runModification(
  execution: Execution,
  statement: Modification | StatementOf<'truncate'>,
): Promise<void> {
  const { session, sink } = execution;
  if (session.transactions.doomed) session.transactions.commit();
  const { changes, rows, columns } =
    statement.kind === 'truncate' ? await truncate(execution, statement) : await modify(execution, statement);
  session.rowCount = changes;
  if (columns.length > 0) {
    sink.columns(columns);
    for (const row of rows) sink.row(row);
  }
  const counted = statement.kind !== 'truncate' && !session.options.noCount;
  sink.done(counted ? changes : undefined);
}

async function modify(execution: Execution, statement: Modification) {
  const { session } = execution;
  const translation = newTranslation(execution);
  const modification =
    statement.kind === 'insert'
      ? translateInsert(translation, statement, session.identityInsert)
      : statement.kind === 'update'
        ? translateUpdate(translation, statement)
        : translateDelete(translation, statement);
  const verb = statement.kind.toUpperCase();
  const { sql, columns, identity } = modification;
  const prepared = prepare(execution, sql, columns, verb);
  const values = bindings(execution, translation);
  return await whenFree(execution, verb, true, () =>
    atomically(execution, identity !== undefined, () => {
      session.identities.clear();
      const rows = columns.length > 0 ? (prepared.all(...values) as unknown as SqlValue[][]) : [];
      const changes = columns.length > 0 ? rows.length : Number(prepared.run(...values).changes);
      if (statement.kind === 'insert' && identity) keepIdentity(execution, modification);
      return { changes, rows, columns };
    }),
  );
}

/** Runs what takes more than one SQLite statement as if it were one. */
function atomically<T>({ session }: Execution, several: boolean, action: () => T): T {
  if (!several) return action();
  const { sqlite, transactions } = session;
  const [begin, end, undo] = transactions.begun
    ? ['SAVEPOINT "$statement"', 'RELEASE "$statement"', 'ROLLBACK TO "$statement"; RELEASE "$statement"']
    : ['BEGIN IMMEDIATE', 'COMMIT', 'ROLLBACK'];
  sqlite.exec(begin);
  try {
    const result = action();
    sqlite.exec(end);
    return result;
  } catch (error) {
    sqlite.exec(undo);
    throw error;
  }
}

/** Writes down the last number that the table has given, or was given. */
function keepIdentity({ session }: Execution, { table, identity }: TranslatedModification): void {
  const { sqlite } = session;
  let last = session.identities.get(table.objectId);
  if (identity?.explicit) {
    const row = sqlite.prepare(`SELECT max(${quote(identity.column)}) AS last FROM ${table.sql}`).get();
    last = Number(row?.last ?? 0);
  }
  if (last === undefined) return;
  session.identity = last;
  sqlite
    .prepare('UPDATE main."$tables" SET identity_value = ? WHERE object_id = ?')
    .run(last, table.objectId);
}

async function truncate(execution: Execution, { target }: StatementOf<'truncate'>) {
  const { session } = execution;
  const table = findTable(session, target, 'ALTER');
  const referenced = session.sqlite
    .prepare('SELECT 1 FROM "$foreign_keys" WHERE referenced_object_id = ?')
    .get(table.objectId);
  if (referenced) {
    const message = `Cannot truncate table '${table.name}' because it is being referenced by a FOREIGN KEY constraint.`;
    throw new SqlError({ number: 4712, message });
  }
  await whenFree(execution, 'TRUNCATE', true, () =>
    atomically(execution, true, () => {
      session.sqlite.exec(`DELETE FROM ${table.sql}`);
      session.sqlite
        .prepare('UPDATE "$tables" SET identity_value = NULL WHERE object_id = ?')
        .run(table.objectId);
    }),
  );
  return { changes: 0, rows: [] as SqlValue[][], columns: [] };
}
