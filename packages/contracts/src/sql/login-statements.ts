import { quoteIdentifier, quoteText } from './quote.ts';

/**
 * The T-SQL that gives a Windows account access to a database. Provisioning and the script for a DBA are built from it.
 */
export const createLogin = (login: string): string => `CREATE LOGIN ${quoteIdentifier(login)} FROM WINDOWS`;
export const createUser = (login: string): string =>
  `CREATE USER ${quoteIdentifier(login)} FOR LOGIN ${quoteIdentifier(login)}`;
export const addMember = (role: string, login: string): string =>
  `ALTER ROLE ${quoteIdentifier(role)} ADD MEMBER ${quoteIdentifier(login)}`;
export const dropMember = (role: string, login: string): string =>
  `ALTER ROLE ${quoteIdentifier(role)} DROP MEMBER ${quoteIdentifier(login)}`;
/** Binds the user to the login of the same name after that login was recreated. */
export const bindUser = (login: string): string =>
  `ALTER USER ${quoteIdentifier(login)} WITH LOGIN = ${quoteIdentifier(login)}`;

export const loginExists = (login: string): string => `SUSER_ID(${quoteText(login)}) IS NOT NULL`;
export const userExists = (login: string): string => `DATABASE_PRINCIPAL_ID(${quoteText(login)}) IS NOT NULL`;
/** This condition is NULL, neither true nor false, if there is no such role or user. */
export const isMember = (role: string, login: string): string =>
  `IS_ROLEMEMBER(${quoteText(role)}, ${quoteText(login)}) = 1`;
/**
 * Whether the login belongs to the account that has this name now. Windows identifies accounts by SID: an account that
 * was deleted and recreated has a new SID, and the old login does not admit it.
 */
export const loginIsOfAccount = (login: string): string =>
  `EXISTS (SELECT * FROM sys.server_principals WHERE name = ${quoteText(login)} AND sid = SUSER_SID(${quoteText(login)}))`;
/**
 * Whether Windows cannot resolve the name to a SID: no domain controller is reachable, or no account has this name now.
 */
export const accountIsUnknown = (login: string): string => `SUSER_SID(${quoteText(login)}) IS NULL`;
/** The login of the account that has this name now, even if the login has another name. */
export const loginOfAccount = (login: string): string =>
  `SELECT name AS [name] FROM sys.server_principals WHERE sid = SUSER_SID(${quoteText(login)})`;
/** The account's user in the database, even if the user has another name. */
export const userOfAccount = (login: string): string =>
  `SELECT name AS [name] FROM sys.database_principals WHERE sid = SUSER_SID(${quoteText(login)})`;
/** Whether the login is disabled (`ALTER LOGIN … DISABLE`). */
export const loginIsDisabled = (login: string): string =>
  `EXISTS (SELECT * FROM sys.server_principals WHERE name = ${quoteText(login)} AND is_disabled = 1)`;
/** Whether the login was denied `CONNECT SQL`, which every login has by default. */
export const loginIsDenied = (login: string): string =>
  `EXISTS (SELECT * FROM sys.server_permissions
  WHERE grantee_principal_id = SUSER_ID(${quoteText(login)}) AND permission_name = N'CONNECT SQL' AND state = N'D')`;
/** Whether the database user belongs to this login, not to an earlier one of the same name. */
export const userIsOfLogin = (login: string): string =>
  `EXISTS (SELECT * FROM sys.database_principals AS own JOIN sys.server_principals AS login ON login.sid = own.sid
  WHERE own.name = ${quoteText(login)} AND login.name = ${quoteText(login)})`;
/** Whether the database user belongs to no login. */
export const userIsOrphan = (login: string): string =>
  `NOT EXISTS (SELECT * FROM sys.database_principals AS own JOIN sys.server_principals AS login ON login.sid = own.sid
  WHERE own.name = ${quoteText(login)})`;
/** Whether the login is that of a group: its members may log in, but the group itself cannot sign in. */
export const loginIsGroup = (login: string): string =>
  `EXISTS (SELECT * FROM sys.server_principals WHERE name = ${quoteText(login)} AND type = N'G')`;
/** Whether the database user was denied `CONNECT`, which every user has by default. */
export const userIsDenied = (login: string): string =>
  `EXISTS (SELECT * FROM sys.database_permissions WHERE class = 0
  AND grantee_principal_id = DATABASE_PRINCIPAL_ID(${quoteText(login)}) AND permission_name = N'CONNECT' AND state = N'D')`;
/** Whether the user is a direct member of the role, not through another role. The server compares the names. */
export const isMemberItself = (role: string, login: string): string =>
  `EXISTS (SELECT * FROM sys.database_role_members WHERE role_principal_id = DATABASE_PRINCIPAL_ID(${quoteText(role)})
  AND member_principal_id = DATABASE_PRINCIPAL_ID(${quoteText(login)}))`;
/** Whether two names mean the same role, by the database's collation. */
export const isOneRole = (one: string, other: string): string =>
  `DATABASE_PRINCIPAL_ID(${quoteText(one)}) = DATABASE_PRINCIPAL_ID(${quoteText(other)})`;
