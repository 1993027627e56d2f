import type { Batch } from './split-batches.ts';
import { quoteText, type SqlSession } from './sql-session.ts';

/**
 * The tables that record what was done to the database. There is one row for each batch of each script, written in the
 * batch's transaction if it can run in one, one for each script that was applied completely, and one for each login,
 * user and role with the owner that made it.
 */
const tables = [
  ['schema', "IF SCHEMA_ID(N'provisioning') IS NULL EXEC(N'CREATE SCHEMA [provisioning]')"],
  [
    'applied_batch',
    `CREATE TABLE [provisioning].[applied_batch] (
  [script] nvarchar(200) NOT NULL,
  [batch] int NOT NULL,
  [sha256] char(64) NOT NULL,
  [applied_at] datetime2(0) NOT NULL,
  CONSTRAINT [PK_applied_batch] PRIMARY KEY ([script], [batch])
)`,
  ],
  [
    'applied_script',
    `CREATE TABLE [provisioning].[applied_script] (
  [script] nvarchar(200) NOT NULL,
  [sha256] char(64) NOT NULL,
  [applied_at] datetime2(0) NOT NULL,
  CONSTRAINT [PK_applied_script] PRIMARY KEY ([script])
)`,
  ],
  [
    'made_login',
    `CREATE TABLE [provisioning].[made_login] (
  [login] nvarchar(128) NOT NULL,
  [owner] nvarchar(100) NOT NULL,
  CONSTRAINT [PK_made_login] PRIMARY KEY ([login])
)`,
  ],
  [
    'made_user',
    `CREATE TABLE [provisioning].[made_user] (
  [user] nvarchar(128) NOT NULL,
  [owner] nvarchar(100) NOT NULL,
  CONSTRAINT [PK_made_user] PRIMARY KEY ([user])
)`,
  ],
  [
    'given_role',
    `CREATE TABLE [provisioning].[given_role] (
  [user] nvarchar(128) NOT NULL,
  [role] nvarchar(128) NOT NULL,
  [owner] nvarchar(100) NOT NULL,
  CONSTRAINT [PK_given_role] PRIMARY KEY ([user], [role])
)`,
  ],
] as const;

/** The tables' names, in the schema `provisioning`. */
export const noteTables: readonly string[] = tables.map(([name]) => name).filter((name) => name !== 'schema');

/** Creates the missing tables. */
export async function ensureBookkeeping(session: SqlSession): Promise<void> {
  const statements = tables.map(([name, statement]) => {
    const guard = statement.startsWith('IF')
      ? ''
      : `IF OBJECT_ID(N'[provisioning].[${name}]', N'U') IS NULL\n`;
    return `${guard}${statement};`;
  });
  await session.batch(statements.join('\n'));
}

/** Whether the database has these tables. */
export async function hasBookkeeping(session: SqlSession): Promise<boolean> {
  const [row] = await session.batch("SELECT OBJECT_ID(N'[provisioning].[given_role]', N'U') AS [id]");
  return row?.id !== null;
}

/** The hash of each applied batch of a script, by the batch's number. */
export async function appliedBatches(
  session: SqlSession,
  script: string,
): Promise<ReadonlyMap<number, string>> {
  const found = new Map<number, string>();
  for (let last = 0; ; ) {
    const rows = await session.batch(
      `SELECT [batch], [sha256] FROM [provisioning].[applied_batch] WHERE [script] = ${quoteText(script)} AND ` +
        `[batch] > ${last} ORDER BY [batch]`,
    );
    // A script may have limited the rows that its session returns at once (SET ROWCOUNT), or may have query plans
    // returned after them (SET STATISTICS XML, PROFILE).
    const notes = rows.filter(({ sha256 }) => sha256 !== undefined);
    for (const { batch, sha256 } of notes) found.set(Number(batch), String(sha256));
    const next = notes.at(-1)?.batch;
    if (next === undefined) return found;
    last = Number(next);
  }
}

/** Records that a batch was applied, in the open transaction if there is one. */
export async function recordBatch(
  session: SqlSession,
  script: string,
  { number, sha256 }: Batch,
): Promise<void> {
  await session.batch(
    'INSERT INTO [provisioning].[applied_batch] ([script], [batch], [sha256], [applied_at]) ' +
      `VALUES (${quoteText(script)}, ${number}, '${sha256}', SYSUTCDATETIME())`,
  );
}

/** Deletes the record of a batch. */
export async function forgetBatch(session: SqlSession, script: string, { number }: Batch): Promise<void> {
  await session.batch(
    `DELETE FROM [provisioning].[applied_batch] WHERE [script] = ${quoteText(script)} AND [batch] = ${number}`,
  );
}

/** The hash of a script that was applied completely. */
export async function appliedScript(session: SqlSession, script: string): Promise<string | undefined> {
  const [row] = await session.batch(
    `SELECT [sha256] FROM [provisioning].[applied_script] WHERE [script] = ${quoteText(script)}`,
  );
  return row && String(row.sha256);
}

/** Records that a script was applied completely, replacing an earlier record. */
export async function recordScript(session: SqlSession, script: string, sha256: string): Promise<void> {
  const key = quoteText(script);
  await session.batch(
    `DELETE FROM [provisioning].[applied_script] WHERE [script] = ${key};
INSERT INTO [provisioning].[applied_script] ([script], [sha256], [applied_at]) VALUES (${key}, '${sha256}', SYSUTCDATETIME())`,
  );
}
