import { existsSync } from 'node:fs';
import type { Administrator } from '../database/server.ts';

/** A SQL Server that the user runs and that the rehearsal uses in place of the stand-in. */
export interface UserSqlServer {
  readonly target: { readonly host: string; readonly port: number };
  readonly administrator: Administrator;
  /** File with the CA of its certificate; default: the CA of the certificate that the rehearsal offers it. */
  readonly authorityFile: string | undefined;
  /** The name in its certificate; default: the rehearsal's name. */
  readonly tlsName: string | undefined;
}

export const sqlServerHelp = `
With --sql-server, the rehearsal provisions the database as the login in the environment variables
SQL_SERVER_ADMIN_PASSWORD and SQL_SERVER_ADMIN_USERNAME (default sa). It prints how to give the server its keytab. See
local/README.md.`;

/** @returns the configured server, or an error message */
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
