import { type Progress, silent } from '../progress.ts';
import { ProvisioningError } from '../provisioning-error.ts';
import { retry } from '../retry.ts';
import { quoteIdentifier, quoteText, type SqlRow, SqlServerError, type SqlSession } from './sql-session.ts';

export interface WindowsLoginOptions {
  readonly session: SqlSession;
  /** `<NetBIOS name>\<user>` */
  readonly login: string;
  /** Database roles of the user; those it has beyond these are taken from it. */
  readonly roles: readonly string[];
  readonly owner: string;
  readonly progress?: Progress;
  /** Milliseconds to wait for the instance to know the domain's user; default two minutes. */
  readonly limit?: number;
}

/** Errors of SQL Server that say that something is there already, or is gone already. */
const loginExists = 15025;
const userExists = 15023;
/** "Windows NT user or group not found": the instance has not joined the domain yet, or its controller lags behind. */
const windowsUserUnknown = 15401;
const loginInUse = 15434;

/** Creates the Windows login, its user in the current database, and the user's roles; what is there is kept. */
export async function ensureWindowsLogin(options: WindowsLoginOptions): Promise<void> {
  const { session, login, roles, owner, progress = silent, limit = 120_000 } = options;
  const [name, text] = [quoteIdentifier(login), quoteText(login)];
  if (!(await isTrue(session, `SUSER_ID(${text}) IS NOT NULL`))) {
    await session.batch(
      `IF NOT EXISTS (SELECT * FROM [provisioning].[made_login] WHERE [login] = ${text})
  INSERT INTO [provisioning].[made_login] ([login], [owner]) VALUES (${text}, ${quoteText(owner)})`,
    );
    await createLogin(session, login, limit);
  }
  if (!(await isTrue(session, `DATABASE_PRINCIPAL_ID(${text}) IS NOT NULL`))) {
    await session.batch(`CREATE USER ${name} FOR LOGIN ${name}`).catch(unless(userExists));
  }
  const known = await memberships(session, text);
  for (const role of new Set([...known, ...roles])) {
    const wanted = roles.includes(role);
    if (wanted === known.includes(role)) continue;
    await session
      .batch(`ALTER ROLE ${quoteIdentifier(role)} ${wanted ? 'ADD' : 'DROP'} MEMBER ${name}`)
      .catch((error) => {
        if (!(error instanceof SqlServerError)) throw error;
        throw new ProvisioningError(
          `${login} cannot be ${wanted ? 'added to' : 'taken from'} the role ${role} (${error.message.trim()} SQL Server ` +
            `error ${error.number}): correct database.userRoles, or make the role in the script.`,
          { cause: error },
        );
      });
    progress(`${login} is ${wanted ? 'now' : 'no longer'} in ${role}.`);
  }
  progress(`${login} can log in, with ${roles.join(', ') || 'no role'}.`);
}

/** Removes the login and its user in the current database, if this owner made them. */
export async function removeWindowsLogin(
  options: Pick<WindowsLoginOptions, 'session' | 'login' | 'owner' | 'progress' | 'limit'>,
): Promise<void> {
  const { session, login, owner, progress = silent, limit = 120_000 } = options;
  const [name, text] = [quoteIdentifier(login), quoteText(login)];
  const made = `[provisioning].[made_login] WHERE [login] = ${text} AND [owner] = ${quoteText(owner)}`;
  if (!(await isTrue(session, `EXISTS (SELECT * FROM ${made})`))) {
    progress(`The login ${login} was made by others and stays.`);
    return;
  }
  await session.batch(`IF DATABASE_PRINCIPAL_ID(${text}) IS NOT NULL DROP USER ${name}`);
  await retry(() => session.batch(`IF SUSER_ID(${text}) IS NOT NULL DROP LOGIN ${name}`), {
    when: hasNumber(loginInUse),
    limit,
    pause: limit / 20,
  }).catch((error) => {
    throw hasNumber(loginInUse)(error)
      ? new ProvisioningError(
          `${login} is logged in, so its login stays: delete the service first, then this again.`,
        )
      : error;
  });
  await session.batch(`DELETE FROM ${made}`);
  progress(`The login ${login} is deleted.`);
}

/** The roles that the user is a member of itself, not by way of another role. */
async function memberships(session: SqlSession, user: string): Promise<string[]> {
  const rows = await session.batch(
    `SELECT role.name AS [role] FROM sys.database_role_members AS membership
  JOIN sys.database_principals AS role ON role.principal_id = membership.role_principal_id
  WHERE membership.member_principal_id = DATABASE_PRINCIPAL_ID(${user})`,
  );
  return rows.map(({ role }) => String(role));
}

async function createLogin(session: SqlSession, login: string, limit: number): Promise<void> {
  const create = `CREATE LOGIN ${quoteIdentifier(login)} FROM WINDOWS`;
  try {
    await retry(() => session.batch(create).catch(unless(loginExists)), {
      when: hasNumber(windowsUserUnknown),
      limit,
      pause: limit / 60,
    });
  } catch (error) {
    if (!hasNumber(windowsUserUnknown)(error)) throw error;
    throw new ProvisioningError(
      `SQL Server does not find ${login} in the domain: check that the directory user exists, and that the instance ` +
        'shows its directory status as "joined".',
    );
  }
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
