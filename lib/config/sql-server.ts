import type { NewDatabase } from './database.ts';
import type { Environment } from './environment.ts';

/** An environment whose SQL Server is made by us. */
export type WithOwnDatabase = Environment & { readonly database: NewDatabase };

/** Tells by the environment's database, which the type of the whole does not. */
export function hasOwnDatabase(environment: Environment): environment is WithOwnDatabase {
  return environment.database.type === 'new';
}

/** Whether SQL Server is provisioned by a function of ours, which needs an administrator. */
export function isProvisioned({ database }: Environment): boolean {
  return database.type === 'new' || typeof database.provisioning === 'object';
}

/** The port that SQL Server has on RDS. */
export const rdsPort = 1433;

/** How SQL Server is reached and what it is called, as far as configuration can know. */
export interface SqlServerNames {
  /** The name that gives Kerberos; an endpoint of RDS would give NTLM. */
  readonly host: string;
  readonly port: number;
  /** Service principal name, `MSSQLSvc/<host>:<port>`, with `@REALM` where that is not the user's. */
  readonly spn: string;
}

/**
 * @returns of an instance of ours `<identifier>.<domain>`, of another one what the configuration says. Stages take it from
 *   the contract, which the database's stage writes: not every name is known before there is a server.
 */
export function sqlServerNames({ domain, database }: Environment): SqlServerNames {
  if (database.type === 'new') {
    const host = `${database.identifier}.${domain.name}`;
    return { host, port: rdsPort, spn: `MSSQLSvc/${host}:${rdsPort}` };
  }
  const { host, port, spn = `MSSQLSvc/${host}:${port}` } = database;
  const realm = database.domain ? `@${database.domain.toUpperCase()}` : '';
  return { host, port, spn: `${spn}${realm}` };
}
