import { nearestName, loginStatements as statements } from '@packages/contracts';
import { type Progress, silent } from '../progress.ts';
import { ProvisioningError } from '../provisioning-error.ts';
import { retry } from '../retry.ts';
import { type OwnershipNotes, ownershipNotes } from './ownership-notes.ts';
import { surveyLogin } from './server-databases.ts';
import { quoteIdentifier, quoteText, type SqlRow, SqlServerError, type SqlSession } from './sql-session.ts';
import { loginOwns, userOwns } from './still-owning.ts';

export interface WindowsLoginOptions {
  readonly session: SqlSession;
  /** The database that the session is in. */
  readonly database: string;
  /** `<NetBIOS name>\<user>` */
  readonly login: string;
  /** Database roles of the user. Of its further roles, those that this owner gave are revoked. */
  readonly roles: readonly string[];
  readonly owner: string;
  /** Default: kept in the database's schema `provisioning`. */
  readonly notes?: OwnershipNotes;
  readonly progress?: Progress;
  /** Milliseconds to wait for the instance to know the domain's user; default ten minutes. */
  readonly limit?: number;
}

/** Errors of SQL Server for something that exists already. */
const loginExists = 15025;
const userExists = 15023;
/** "The login already has an account under a different user name", such as the account's former name, or `dbo`. */
const hasOtherUser = 15063;
/** "Windows NT user or group not found": the instance has not joined the domain yet, or its controller lags behind. */
const windowsUserUnknown = 15401;
const loginInUse = 15434;

/**
 * Creates the Windows login, its user in the current database, and the user's roles; those that exist are kept. If the
 * account was deleted and recreated under its name, its old login or user is repaired if it is ours, and refused if it
 * is not.
 */
export async function ensureWindowsLogin(options: WindowsLoginOptions): Promise<void> {
  const { session, login, roles, notes = ownershipNotes(options), progress = silent } = options;
  const { limit = 600_000 } = options;
  if (await isTrue(session, statements.loginExists(login))) {
    // The login belongs to the server and outlives a database. Record it here too, in case the database that records it
    // is dropped.
    if (!options.notes && (await isOurs(options, notes))) await notes.noteLogin();
  } else {
    await notes.noteLogin();
    await createLogin(session, login, limit, progress);
  }
  await assertNoGroup(options, notes);
  await mendLogin(options, notes, limit);
  await assertMayConnect(options);

  if (!(await isTrue(session, statements.userExists(login)))) {
    await notes.noteUser();
    await session
      .batch(statements.createUser(login))
      .catch(unless(userExists))
      .catch(async (error) => {
        if (!hasNumber(hasOtherUser)(error)) throw error;
        await notes.forgetUser();
        throw await otherUser(options);
      });
  }
  await mendUser(options);
  await assertMayEnter(options);
  await giveRoles(options, notes);
  progress(`${login} can log in, with ${roles.join(', ') || 'no role'}.`);
}

/**
 * Removes what this owner made: the user in the current database, the roles that it gave, and the login, unless
 * something else on the server needs the login.
 */
export async function removeWindowsLogin(
  options: Pick<WindowsLoginOptions, 'session' | 'database' | 'login' | 'owner' | 'progress' | 'limit'>,
): Promise<void> {
  const { session, database, login, progress = silent, limit = 120_000 } = options;
  const notes = ownershipNotes(options);
  if (await notes.ownsUser()) {
    await session
      .batch(`IF ${statements.userExists(login)} DROP USER ${quoteIdentifier(login)}`)
      .catch(async (error) => {
        throw await userOwns(session, { login, database }, error);
      });
    await notes.forgetUser();
  }
  for (const role of await notes.givenRoles()) {
    await session.batch(`IF ${statements.isMember(role, login)} ${statements.dropMember(role, login)}`);
    await notes.forgetRole(role);
  }
  const { uses, notedIn } = await surveyLogin(session, options);
  if (notedIn.length === 0) {
    progress(`The login ${login} was made by others and stays.`);
    return;
  }
  if (uses.length > 0) {
    await notes.forgetLogin();
    progress(`The login ${login} stays: ${uses.join(', ')}.`);
    return;
  }
  await dropLogin(session, login, limit);
  for (const noted of notedIn) {
    await session.batch(`USE ${quoteIdentifier(noted)}`);
    await notes.forgetLogin();
  }
  await session.batch(`USE ${quoteIdentifier(database)}`);
  progress(`The login ${login} is deleted.`);
}

async function isOurs(options: WindowsLoginOptions, notes: OwnershipNotes): Promise<boolean> {
  return (await notes.ownsLogin()) || (await surveyLogin(options.session, options)).notedIn.length > 0;
}

/** Windows has not said whose login it is; it may do so when asked again. */
class AccountUnknownError extends Error {}

/**
 * Replaces the login of an account that no longer exists, which lets nobody in, because the account of that name now
 * has another SID. If Windows does not return any SID, its domain controller may be away, so the new login replaces the
 * old one in a single transaction: nothing is removed that is not restored.
 */
async function mendLogin(options: WindowsLoginOptions, notes: OwnershipNotes, limit: number): Promise<void> {
  const { session, login, progress = silent } = options;
  await assertNotRenamed(options, notes);
  const ours = await notes.ownsLogin();
  const mend = async () => {
    if (await isTrue(session, statements.loginIsOfAccount(login))) return;
    if (ours) await replaceLogin(options);
    else if (await isTrue(session, statements.accountIsUnknown(login))) throw new AccountUnknownError();
    else throw madeByOthers(login, 'belongs to an account that was deleted and has been recreated since');
  };
  const passes = (error: unknown) =>
    error instanceof AccountUnknownError ||
    hasNumber(windowsUserUnknown)(error) ||
    hasNumber(loginInUse)(error);
  await retry(mend, {
    when: passes,
    limit: Math.min(limit, 120_000),
    pause: Math.min(limit / 20, 2000),
    waiting: { progress, what: `The login ${login}` },
  }).catch((error) => {
    if (error instanceof AccountUnknownError) {
      throw madeByOthers(
        login,
        'may belong to an account that was deleted: Windows knows no account of that name',
      );
    }
    if (hasNumber(loginInUse)(error)) throw inUse(login);
    throw hasNumber(windowsUserUnknown)(error) ? unknownAccount(login) : loginOwns(login, error);
  });
}

function madeByOthers(login: string, what: string): ProvisioningError {
  return new ProvisioningError(
    `The login ${login} on SQL Server ${what}: it was made by others, so have them check that the directory answers and ` +
      `DROP LOGIN ${quoteIdentifier(login)}, then deploy again.`,
  );
}

async function replaceLogin({ session, login, progress = silent }: WindowsLoginOptions): Promise<void> {
  await session.batch('BEGIN TRANSACTION');
  try {
    await session.batch(`DROP LOGIN ${quoteIdentifier(login)}`);
    await session.batch(statements.createLogin(login));
    await session.batch('COMMIT TRANSACTION');
  } catch (error) {
    await session.batch('IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION');
    throw error;
  }
  progress(`The login ${login} belonged to an account that no longer exists: it has been recreated.`);
}

/**
 * Refuses a renamed account. SQL Server identifies a Windows login by its SID, and keeps the account's name from when
 * the login was made.
 */
async function assertNotRenamed(
  { session, login }: WindowsLoginOptions,
  notes: OwnershipNotes,
): Promise<void> {
  if (await isTrue(session, `EXISTS (${statements.loginOfAccount(login)} AND name = ${quoteText(login)})`))
    return;
  if (await isTrue(session, statements.loginExists(login))) return;
  const [other] = await session.batch(statements.loginOfAccount(login));
  if (!other) return;
  await notes.forgetLogin();
  const name = String(other.name);
  throw new ProvisioningError(
    `The account ${login} has the login ${name} on SQL Server, from before it was renamed: have its owners run ` +
      `ALTER LOGIN ${quoteIdentifier(name)} WITH NAME = ${quoteIdentifier(login)}, then deploy again.`,
  );
}

/**
 * Refuses a group, which `CREATE LOGIN` accepts like a user and which would let in all its members. Drops such a login
 * if it is ours.
 */
async function assertNoGroup({ session, login }: WindowsLoginOptions, notes: OwnershipNotes): Promise<void> {
  if (!(await isTrue(session, statements.loginIsGroup(login)))) return;
  if (await notes.ownsLogin()) {
    await session.batch(`DROP LOGIN ${quoteIdentifier(login)}`);
    await notes.forgetLogin();
  }
  throw new ProvisioningError(
    `${login} is a group of the domain, not a user: it cannot sign in, and its login would let in all of its members. ` +
      'Correct the name of the user, then deploy again.',
  );
}

/** Refuses a login that is disabled or denied: that may be on purpose, so it is not undone. */
async function assertMayConnect({ session, login }: WindowsLoginOptions): Promise<void> {
  const name = quoteIdentifier(login);
  const remedy = (await isTrue(session, statements.loginIsDisabled(login)))
    ? `is disabled on SQL Server: have whoever disabled it run ALTER LOGIN ${name} ENABLE`
    : (await isTrue(session, statements.loginIsDenied(login)))
      ? `was denied CONNECT SQL: have whoever did so run GRANT CONNECT SQL TO ${name}`
      : undefined;
  if (remedy) throw new ProvisioningError(`The login ${login} ${remedy}, then deploy again.`);
}

/** The same for the database's user. */
async function assertMayEnter({ session, database, login }: WindowsLoginOptions): Promise<void> {
  if (!(await isTrue(session, statements.userIsDenied(login)))) return;
  throw new ProvisioningError(
    `The user ${login} was denied CONNECT to the database ${database}: have whoever did so run GRANT CONNECT TO ` +
      `${quoteIdentifier(login)} there, then deploy again.`,
  );
}

/** Binds a user whose login no longer exists to the new login. */
async function mendUser({ session, database, login, progress = silent }: WindowsLoginOptions): Promise<void> {
  if (await isTrue(session, statements.userIsOfLogin(login))) return;
  if (!(await isTrue(session, statements.userIsOrphan(login)))) {
    throw new ProvisioningError(
      `The user ${login} of the database ${database} is bound to another login: have whoever made it DROP USER ` +
        `${quoteIdentifier(login)}, then deploy again.`,
    );
  }
  await session.batch(statements.bindUser(login));
  progress(`The user ${login} is bound to its new login.`);
}

/**
 * Explains that the login has a user of another name: a database identifies a user by its SID, too, and keeps the name
 * from when the user was made.
 */
async function otherUser({ session, database, login }: WindowsLoginOptions): Promise<ProvisioningError> {
  const [other] = await session.batch(statements.userOfAccount(login));
  const name = String(other?.name);
  const remedy =
    name === 'dbo'
      ? `it owns the database, and so may do everything in it: have an administrator run ALTER AUTHORIZATION ON DATABASE::${quoteIdentifier(database)} TO another login`
      : `have its owners run ALTER USER ${quoteIdentifier(name)} WITH NAME = ${quoteIdentifier(login)} there`;
  return new ProvisioningError(
    `The login ${login} is the user ${name} in the database ${database}: ${remedy}, then deploy again.`,
  );
}

async function giveRoles(options: WindowsLoginOptions, notes: OwnershipNotes): Promise<void> {
  const { session, login, roles, progress = silent } = options;
  for (const role of roles) {
    if (await isTrue(session, statements.isMemberItself(role, login))) continue;
    await notes.noteRole(role);
    await session.batch(statements.addMember(role, login)).catch(async (error) => {
      if (error instanceof SqlServerError) await notes.forgetRole(role);
      throw await roleFailure(session, `${login} cannot be added to the role ${role}`, role, error);
    });
    progress(`${login} is now in ${role}.`);
  }
  for (const role of await notes.givenRoles()) {
    if (await isAmong(session, role, roles)) continue;
    if (await isTrue(session, statements.isMemberItself(role, login))) {
      await session.batch(statements.dropMember(role, login)).catch(async (error) => {
        throw await roleFailure(session, `${login} cannot be taken from the role ${role}`, role, error);
      });
    }
    await notes.forgetRole(role);
    progress(`${login} is no longer in ${role}.`);
  }
}

/** Whether a role is one of these, whose names may be spelt differently by now. */
async function isAmong(session: SqlSession, role: string, roles: readonly string[]): Promise<boolean> {
  if (roles.includes(role)) return true;
  const same = roles.map((other) => statements.isOneRole(role, other));
  return same.length > 0 && (await isTrue(session, same.join(' OR ')));
}

async function roleFailure(
  session: SqlSession,
  what: string,
  role: string,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof SqlServerError)) return error;
  const rows = await session.batch("SELECT name AS [role] FROM sys.database_principals WHERE type = N'R'");
  const nearest = nearestName(
    role,
    rows.map((row) => String(row.role)).filter((other) => other !== role),
  );
  const remedy =
    role === 'db_datareader'
      ? 'check that the administrator may change the roles of this database'
      : 'correct database.roles, database.userRoles, or roles of the service, or have the role made: by the script, or by the owners of the database';
  const meant = nearest === undefined ? '' : `the database has the role ${nearest}; `;
  return new ProvisioningError(
    `${what} (${error.message.trim()} SQL Server error ${error.number}): ${meant}${remedy}.`,
    { cause: error },
  );
}

async function createLogin(
  session: SqlSession,
  login: string,
  limit: number,
  progress: Progress,
): Promise<void> {
  try {
    await retry(() => session.batch(statements.createLogin(login)).catch(unless(loginExists)), {
      when: hasNumber(windowsUserUnknown),
      limit,
      pause: Math.min(limit / 60, 2000),
      waiting: { progress, what: `The login ${login}` },
    });
  } catch (error) {
    throw hasNumber(windowsUserUnknown)(error) ? unknownAccount(login) : error;
  }
}

function unknownAccount(login: string): ProvisioningError {
  return new ProvisioningError(
    `SQL Server does not find ${login} in the domain: check that the directory user exists, and that the instance ` +
      'shows its directory status as "joined".',
  );
}

function inUse(login: string): ProvisioningError {
  return new ProvisioningError(
    `${login} is logged in, so its login stays: delete the service first, then this again.`,
  );
}

async function dropLogin(session: SqlSession, login: string, limit: number): Promise<void> {
  const drop = `IF ${statements.loginExists(login)} DROP LOGIN ${quoteIdentifier(login)}`;
  await retry(() => session.batch(drop), {
    when: hasNumber(loginInUse),
    limit: Math.min(limit, 120_000),
    pause: Math.min(limit / 20, 6000),
  }).catch((error) => {
    throw hasNumber(loginInUse)(error) ? inUse(login) : loginOwns(login, error);
  });
}

async function isTrue(session: SqlSession, condition: string): Promise<boolean> {
  const [row] = await session.batch(`SELECT CASE WHEN ${condition} THEN 1 ELSE 0 END AS [answer]`);
  return row?.answer === 1;
}

function hasNumber(number: number): (error: unknown) => boolean {
  return (error) => error instanceof SqlServerError && error.number === number;
}

function unless(number: number): (error: unknown) => readonly SqlRow[] {
  return (error) => {
    if (hasNumber(number)(error)) return [];
    throw error;
  };
}
