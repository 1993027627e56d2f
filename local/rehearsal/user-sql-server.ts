import { existsSync } from 'node:fs';
import type { Administrator } from '../database/server.ts';

/** A SQL Server that the user runs, for the rehearsal to use in place of the stand-in. */
export interface UserSqlServer {
  readonly target: { readonly host: string; readonly port: number };
  readonly administrator: Administrator;
  /** Authority of its certificate; default: the one whose certificate the rehearsal offers it. */
  readonly authorityFile: string | undefined;
  /** The name in its certificate; default: the rehearsal's. */
  readonly tlsName: string | undefined;
}

export const sqlServerHelp = `
With --sql-server, the environment variables SQL_SERVER_ADMIN_PASSWORD and SQL_SERVER_ADMIN_USERNAME (default sa) are
the login that the rehearsal provisions the database with; how to give the server its keytab is printed. See
local/README.md.`;

/** @returns what was configured, or a sentence that says what is wrong */
export function userSqlServer(
  target: UserSqlServer['target'],
  { authority, tlsName }: { readonly authority: string | undefined; readonly tlsName: string | undefined },
  environment: NodeJS.ProcessEnv = process.env,
): UserSqlServer | string {
  const { SQL_SERVER_ADMIN_USERNAME: username = 'sa', SQL_SERVER_ADMIN_PASSWORD: password } = environment;
  if (!password) {
    return `SQL_SERVER_ADMIN_PASSWORD is not set: put the password of ${username} in that environment variable, so that no list of processes shows it.`;
  }
  if (authority !== undefined && !existsSync(authority))
    return `There is no file ${authority} (--sql-server-ca).`;
  return { target, administrator: { username, password }, authorityFile: authority, tlsName };
}
