import { type Progress, silent } from '../progress.ts';
import { ProvisioningError } from '../provisioning-error.ts';
import { retry } from '../retry.ts';
import { ensureBookkeeping, hasBookkeeping } from './applied-batches.ts';
import { applyScript, planScript } from './apply-script.ts';
import { LoginRefusedError, ServerUnreachableError, type SqlCredentials } from './connect-sql-server.ts';
import { refuseOtherLetters } from './other-letters.ts';
import { noNotes } from './ownership-notes.ts';
import { fetchScript, musicStoreScripts, type Script, type ScriptSource } from './script.ts';
import { quoteIdentifier, quoteText, SqlServerError, type SqlSession } from './sql-session.ts';
import { ensureWindowsLogin, removeWindowsLogin } from './windows-login.ts';

export interface DatabaseOptions {
  /** Opens a connection as the administrator: `connectSqlServer`, with the server's address. */
  readonly connect: (credentials: SqlCredentials) => Promise<SqlSession>;
  /** Called again if the server refuses the credentials, because the secret may just have been rotated. */
  readonly administrator: () => Promise<SqlCredentials>;
  readonly database: string;
  /** `<NetBIOS name>\<user>` */
  readonly login: string;
  /** All database roles of the login; default: one that reads every table. */
  readonly roles?: readonly string[];
  /** Scripts to apply, in order; default: the music store's. */
  readonly scripts?: readonly (Script | ScriptSource)[] | undefined;
  /** Whether the database belongs to others: it must exist, and gets no records of ours unless scripts are applied. */
  readonly existing?: boolean;
  /** Who makes the login; `removeDatabaseLogin` deletes only this owner's. */
  readonly owner: string;
  readonly progress?: Progress;
  /** Milliseconds to wait for temporary conditions; default ten minutes, two for a removal. */
  readonly limit?: number;
}

/** The fixed role whose members read every table. */
export const readsAll = 'db_datareader';

/**
 * Makes the database, applies what is missing of its scripts, and gives the Windows login access. It may die at any
 * point and be run again; it then continues from where it stopped. It does not drop the database, nor any table unless
 * a script does. A login whose account no longer exists is dropped and recreated, and roles that are no longer wanted
 * are revoked.
 *
 * @throws ProvisioningError
 */
export async function provisionDatabase(options: DatabaseOptions): Promise<void> {
  const { database, login, roles = [readsAll], owner, existing = false, progress = silent, limit } = options;
  const scripts = await Promise.all(
    (options.scripts ?? (await musicStoreScripts())).map((script) =>
      'text' in script ? script : fetchScript(script),
    ),
  );
  for (const script of scripts) planScript(script, database);
  const keepsNotes = !existing || scripts.length > 0;
  const withSession = sessionsOf({ ...options, limit: limit ?? 600_000 });
  await withSession(async (session) => {
    await refuseOtherLetters(session, scripts, database);
    await (existing ? requireDatabase(session, database) : ensureDatabase(session, database));
    progress(`The database ${database} is there.`);
    if (keepsNotes) await ensureBookkeeping(session);
  });
  for (const script of scripts) {
    await withSession(async (session) => {
      await session.batch(`USE ${quoteIdentifier(database)}`);
      await applyScript(script, { session, database, progress });
    });
  }
  await withSession(async (session) => {
    await session.batch(`USE ${quoteIdentifier(database)}`);
    await ensureWindowsLogin({
      session,
      database,
      login,
      ...(!keepsNotes && { notes: noNotes }),
      roles,
      owner,
      progress,
      ...(limit !== undefined && { limit }),
    });
  });
}

export type LoginOptions = Pick<
  DatabaseOptions,
  'connect' | 'administrator' | 'database' | 'existing' | 'login' | 'owner' | 'progress' | 'limit'
> & {
  /** All database roles of the login. */
  readonly roles: readonly string[];
};

/**
 * Gives the Windows login of a further service access to a database that `provisionDatabase` has made, with its own
 * roles and no other right. It may die at any point and be run again. `removeDatabaseLogin` undoes it. A database of
 * others holds no records of ours, so what the login was given there stays.
 *
 * @throws ProvisioningError
 */
export async function provisionLogin({ limit, ...options }: LoginOptions): Promise<void> {
  const { database, existing = false, progress = silent } = options;
  await sessionsOf({ ...options, limit: limit ?? 600_000 })(async (session) => {
    await requireDatabase(session, database);
    if (!existing) await ensureBookkeeping(session);
    await ensureWindowsLogin({
      ...options,
      ...(existing && { notes: noNotes }),
      ...{ session, progress },
      ...(limit !== undefined && { limit }),
    });
  });
}

/** Removes the Windows login and its user if this owner made them. The database and its data stay. */
export async function removeDatabaseLogin(
  options: Pick<
    DatabaseOptions,
    'connect' | 'administrator' | 'database' | 'login' | 'owner' | 'existing' | 'progress' | 'limit'
  >,
): Promise<void> {
  const { database, progress = silent } = options;
  await sessionsOf(options)(async (session) => {
    const [known] = await session.batch(`SELECT DB_ID(${quoteText(database)}) AS [id]`);
    if (known?.id === null) return progress(`There is no database ${database}.`);
    await session.batch(`USE ${quoteIdentifier(database)}`);
    if (!options.existing) await ensureBookkeeping(session);
    else if (!(await hasBookkeeping(session)))
      return progress('The rights of the login stay, because no record says who gave them.');
    await removeWindowsLogin({ ...options, session });
  });
}

type Work = (session: SqlSession) => Promise<void>;

/** Gives each piece of work its own session. Fetches the administrator's credentials once, and again if refused. */
function sessionsOf({
  connect,
  administrator,
  limit = 120_000,
  progress = silent,
}: Pick<DatabaseOptions, 'connect' | 'administrator' | 'limit' | 'progress'>): (work: Work) => Promise<void> {
  let good: SqlCredentials | undefined;
  const open = async () => {
    const credentials = good ?? (await administrator());
    good = undefined;
    const session = await connect(credentials);
    good = credentials;
    return session;
  };
  return async (work) => {
    const session = await retry(open, {
      when: (error) => error instanceof LoginRefusedError || error instanceof ServerUnreachableError,
      // Only a few attempts, because a login that is refused repeatedly may be locked.
      limit: limit / 4,
      pause: Math.min(limit / 20, 6000),
      waiting: { progress, what: 'The administrator’s session' },
    });
    try {
      await work(session);
    } finally {
      session.close();
    }
  };
}

/** "Database already exists" */
const databaseExists = 1801;

async function requireDatabase(session: SqlSession, database: string): Promise<void> {
  const [known] = await session.batch(`SELECT DB_ID(${quoteText(database)}) AS [id]`);
  if (known?.id === null) {
    throw new ProvisioningError(
      `There is no database ${database} on the server: correct database.name, or have it created there.`,
    );
  }
  await session.batch(`USE ${quoteIdentifier(database)}`);
}

async function ensureDatabase(session: SqlSession, database: string): Promise<void> {
  try {
    await session.batch(
      `IF DB_ID(${quoteText(database)}) IS NULL CREATE DATABASE ${quoteIdentifier(database)}`,
    );
  } catch (error) {
    if (!(error instanceof SqlServerError) || error.number !== databaseExists) throw error;
  }
  await session.batch(`USE ${quoteIdentifier(database)}`);
}
