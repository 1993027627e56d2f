import { quoteIdentifier, quoteText, SqlServerError, type SqlSession } from './sql-session.ts';

/** The server's own databases that hold no users of others. */
const withoutUsers: ReadonlySet<string> = new Set(['model', 'tempdb', 'rdsadmin']);

/**
 * Looks into every database of the server, one after another, and returns to the one that the session was in.
 *
 * @param look run within each database
 * @returns the results by database name; `undefined` for a database that the session may not enter
 */
async function inEachDatabase<Found>(
  session: SqlSession,
  home: string,
  look: (database: string) => Promise<Found>,
): Promise<ReadonlyMap<string, Found | undefined>> {
  const rows = await session.batch('SELECT name AS [database] FROM sys.databases');
  const found = new Map<string, Found | undefined>();
  for (const { database } of rows) {
    const name = String(database);
    if (withoutUsers.has(name.toLowerCase())) continue;
    try {
      await session.batch(`USE ${quoteIdentifier(name)}`);
      found.set(name, await look(name));
    } catch (error) {
      if (!(error instanceof SqlServerError)) throw error;
      found.set(name, undefined);
    }
  }
  await session.batch(`USE ${quoteIdentifier(home)}`);
  return found;
}

/** What the server knows about a login. */
export interface LoginSurvey {
  /** Why it must stay: users of databases, roles and permissions of the server, databases that it owns. */
  readonly uses: readonly string[];
  /** The databases that record this owner as having made it. */
  readonly notedIn: readonly string[];
}

/** Looks for a login in all databases of the server, and returns to `database`. */
export async function surveyLogin(
  session: SqlSession,
  { database, login, owner }: { readonly database: string; readonly login: string; readonly owner: string },
): Promise<LoginSurvey> {
  const text = quoteText(login);
  const found = await inEachDatabase(session, database, async () => {
    const [here] = await session.batch(
      `SELECT (SELECT COUNT(*) FROM sys.database_principals WHERE sid = SUSER_SID(${text})) AS [users],
  OBJECT_ID(N'[provisioning].[made_login]', N'U') AS [notes]`,
    );
    const noted =
      here?.notes !== null &&
      (
        await session.batch(
          `SELECT [owner] FROM [provisioning].[made_login] WHERE [login] = ${text} AND [owner] = ${quoteText(owner)}`,
        )
      ).length > 0;
    return { used: Number(here?.users) > 0, noted };
  });
  const inDatabases = [...found].flatMap(([name, look]) => {
    if (!look) return [`it may have a user in ${name}`];
    return look.used ? [`it has a user in ${name}`] : [];
  });
  return {
    uses: [...inDatabases, ...(await usesOfServer(session, text))],
    notedIn: [...found].flatMap(([name, look]) => (look?.noted ? [name] : [])),
  };
}

async function usesOfServer(session: SqlSession, login: string): Promise<string[]> {
  const [server] = await session.batch(
    `SELECT (SELECT COUNT(*) FROM sys.server_role_members WHERE member_principal_id = SUSER_ID(${login})) AS [roles],
  (SELECT COUNT(*) FROM sys.server_permissions
    WHERE grantee_principal_id = SUSER_ID(${login}) AND permission_name <> 'CONNECT SQL') AS [permissions],
  (SELECT COUNT(*) FROM sys.databases WHERE owner_sid = SUSER_SID(${login})) AS [databases]`,
  );
  return [
    ...(Number(server?.roles) > 0 ? ['it has roles of the server'] : []),
    ...(Number(server?.permissions) > 0 ? ['it has permissions of the server'] : []),
    ...(Number(server?.databases) > 0 ? ['it owns a database'] : []),
  ];
}
