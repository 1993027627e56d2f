import { quoteIdentifier, quoteText } from './quote.ts';

/** The T-SQL that lets a Windows account into a database, of which provisioning and the script for a DBA are made. */
export const createLogin = (login: string): string => `CREATE LOGIN ${quoteIdentifier(login)} FROM WINDOWS`;
export const createUser = (login: string): string =>
  `CREATE USER ${quoteIdentifier(login)} FOR LOGIN ${quoteIdentifier(login)}`;
export const addMember = (role: string, login: string): string =>
  `ALTER ROLE ${quoteIdentifier(role)} ADD MEMBER ${quoteIdentifier(login)}`;
export const dropMember = (role: string, login: string): string =>
  `ALTER ROLE ${quoteIdentifier(role)} DROP MEMBER ${quoteIdentifier(login)}`;
/** Binds the user to the login of its name, after that was made anew. */
export const bindUser = (login: string): string =>
  `ALTER USER ${quoteIdentifier(login)} WITH LOGIN = ${quoteIdentifier(login)}`;

export const loginExists = (login: string): string => `SUSER_ID(${quoteText(login)}) IS NOT NULL`;
export const userExists = (login: string): string => `DATABASE_PRINCIPAL_ID(${quoteText(login)}) IS NOT NULL`;
/** A condition that is neither true nor false (NULL) when there is no such role or user. */
export const isMember = (role: string, login: string): string =>
  `IS_ROLEMEMBER(${quoteText(role)}, ${quoteText(login)}) = 1`;
/**
 * Whether the login is of the account that has this name now. Windows knows accounts by their SIDs: one that was deleted
 * and made anew has another, and the login of the old one does not let it in.
 */
export const loginIsOfAccount = (login: string): string =>
  `EXISTS (SELECT * FROM sys.server_principals WHERE name = ${quoteText(login)} AND sid = SUSER_SID(${quoteText(login)}))`;
/** Whether Windows does not tell the SID of that name: its controller is away, or no account has the name now. */
export const accountIsUnknown = (login: string): string => `SUSER_SID(${quoteText(login)}) IS NULL`;
/** The login of the account that has this name now, whatever the login is called. */
export const loginOfAccount = (login: string): string =>
  `SELECT name AS [name] FROM sys.server_principals WHERE sid = SUSER_SID(${quoteText(login)})`;
/** The user that the account has in the database, whatever it is called. */
export const userOfAccount = (login: string): string =>
  `SELECT name AS [name] FROM sys.database_principals WHERE sid = SUSER_SID(${quoteText(login)})`;
/** Whether somebody has disabled the login (`ALTER LOGIN … DISABLE`). */
export const loginIsDisabled = (login: string): string =>
  `EXISTS (SELECT * FROM sys.server_principals WHERE name = ${quoteText(login)} AND is_disabled = 1)`;
/** Whether the login was denied what every login has, `CONNECT SQL`. */
export const loginIsDenied = (login: string): string =>
  `EXISTS (SELECT * FROM sys.server_permissions
  WHERE grantee_principal_id = SUSER_ID(${quoteText(login)}) AND permission_name = N'CONNECT SQL' AND state = N'D')`;
/** Whether the database's user is that of the login, and not of one that was there before it. */
export const userIsOfLogin = (login: string): string =>
  `EXISTS (SELECT * FROM sys.database_principals AS own JOIN sys.server_principals AS login ON login.sid = own.sid
  WHERE own.name = ${quoteText(login)} AND login.name = ${quoteText(login)})`;
/** Whether the database's user is that of no login at all. */
export const userIsOrphan = (login: string): string =>
  `NOT EXISTS (SELECT * FROM sys.database_principals AS own JOIN sys.server_principals AS login ON login.sid = own.sid
  WHERE own.name = ${quoteText(login)})`;
/** Whether the login is of a group: whoever is in it may log in, and itself it cannot sign in anywhere. */
export const loginIsGroup = (login: string): string =>
  `EXISTS (SELECT * FROM sys.server_principals WHERE name = ${quoteText(login)} AND type = N'G')`;
/** Whether the database's user was denied what every user has, `CONNECT`. */
export const userIsDenied = (login: string): string =>
  `EXISTS (SELECT * FROM sys.database_permissions WHERE class = 0
  AND grantee_principal_id = DATABASE_PRINCIPAL_ID(${quoteText(login)}) AND permission_name = N'CONNECT' AND state = N'D')`;
/**
 * Whether the user is a member of the role itself, not by way of another role. The server compares the names, as it does.
 */
export const isMemberItself = (role: string, login: string): string =>
  `EXISTS (SELECT * FROM sys.database_role_members WHERE role_principal_id = DATABASE_PRINCIPAL_ID(${quoteText(role)})
  AND member_principal_id = DATABASE_PRINCIPAL_ID(${quoteText(login)}))`;
/** Whether two names mean the same role, by the database's collation. */
export const isOneRole = (one: string, other: string): string =>
  `DATABASE_PRINCIPAL_ID(${quoteText(one)}) = DATABASE_PRINCIPAL_ID(${quoteText(other)})`;
