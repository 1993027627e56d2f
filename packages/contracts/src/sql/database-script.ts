import * as statements from './login-statements.ts';
import { quoteIdentifier, quoteText } from './quote.ts';

export interface DatabaseScriptOptions {
  readonly database: string;
  /** `<NetBIOS name>\<user>` */
  readonly login: string;
  /** All database roles of the login. */
  readonly roles: readonly string[];
}

/**
 * The T-SQL with which a DBA gives the service's account access to a database: the login, its user and its roles. It
 * may be run again at any time, in sqlcmd or Management Studio, and ends with the check.
 */
export function databaseScript(options: DatabaseScriptOptions): string {
  const { database, login } = options;
  const batches = [
    `-- Lets ${commented(login)} into the database ${commented(database)}. It may be run again at any time.\n` +
      '-- Needed: ALTER ANY LOGIN on the server; in the database db_owner, or ALTER ANY USER and ALTER on the roles.\n' +
      `USE ${quoteIdentifier(database)};`,
    `IF NOT (${statements.loginExists(login)}) ${statements.createLogin(login)};`,
    `IF NOT (${statements.userExists(login)}) ${statements.createUser(login)};`,
    `-- The user of an account that was deleted and made anew under its name.\n` +
      `IF ${statements.userIsOrphan(login)}\n  ${statements.bindUser(login)};`,
    ...options.roles.map(
      (role) => `IF NOT (${statements.isMember(role, login)}) ${statements.addMember(role, login)};`,
    ),
    `-- Each line must say 1.\n${databaseCheck(options)};`,
  ];
  return `${batches.join('\nGO\n')}\nGO\n`;
}

/**
 * A query with two columns, `check` and `ok`: one row for each condition that the service needs. The DBA and the
 * service's account can both run it.
 */
export function databaseCheck({ login, roles }: DatabaseScriptOptions): string {
  const checks: [string, string][] = [
    ['login', statements.loginExists(login)],
    ['user', statements.userIsOfLogin(login)],
    ...roles.map((role): [string, string] => [`role ${role}`, statements.isMember(role, login)]),
  ];
  return checks
    .map(
      ([name, condition]) =>
        `SELECT ${quoteText(name)} AS [check], CASE WHEN ${condition} THEN 1 ELSE 0 END AS [ok]`,
    )
    .join('\nUNION ALL ');
}

/** Keeps a name within its comment line. */
function commented(name: string): string {
  return name.replaceAll(/[\r\n]/g, ' ');
}
