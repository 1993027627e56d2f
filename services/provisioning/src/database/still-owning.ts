import { ProvisioningError } from '../provisioning-error.ts';
import { quoteIdentifier, quoteText, SqlServerError, type SqlSession } from './sql-session.ts';

/**
 * Errors because of which a user or a login cannot be dropped: it owns a schema or something else (15138, 15183), a
 * role (15421), a database (15174), a job (15170), an object of the server (15141), or has granted permissions (15284,
 * 15173).
 */
const owning: ReadonlySet<number> = new Set([15138, 15141, 15170, 15173, 15174, 15183, 15284, 15421]);

/**
 * @returns the error of a `DROP LOGIN`, explained. Who gets the owned objects is for people to decide, so nothing is
 *   moved.
 */
export function loginOwns(login: string, error: unknown): unknown {
  return owns(`login ${login} of SQL Server`, '', error);
}

/** The same for a `DROP USER` in the database that the session is in. */
export async function userOwns(
  session: SqlSession,
  { login, database }: { readonly login: string; readonly database: string },
  error: unknown,
): Promise<unknown> {
  if (!isOwning(error)) return error;
  const rows = await session.batch(
    `SELECT name AS [schema] FROM sys.schemas WHERE principal_id = DATABASE_PRINCIPAL_ID(${quoteText(login)})`,
  );
  const transfers = rows.map(
    (row) => `ALTER AUTHORIZATION ON SCHEMA::${quoteIdentifier(String(row.schema))} TO [dbo]`,
  );
  const remedy = transfers.length > 0 ? ` (${transfers.join('; ')})` : '';
  return owns(`user ${login} of the database ${database}`, remedy, error);
}

function isOwning(error: unknown): error is SqlServerError {
  return error instanceof SqlServerError && owning.has(error.number);
}

function owns(what: string, remedy: string, error: unknown): unknown {
  if (!isOwning(error)) return error;
  return new ProvisioningError(
    `The ${what} stays (${error.message.trim()} SQL Server error ${error.number}): have the owners of the data give what it ` +
      `owns to somebody else${remedy}, or revoke what it has granted, then do this again.`,
    { cause: error },
  );
}
