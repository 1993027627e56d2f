import type { NewDatabase } from './database.ts';
import type { Environment } from './environment.ts';

/** An environment whose SQL Server we create. */
export type WithOwnDatabase = Environment & { readonly database: NewDatabase };

/** Type guard: the type of the environment is not narrowed by its database's type. */
export function hasOwnDatabase(environment: Environment): environment is WithOwnDatabase {
  return environment.database.type === 'new';
}

/** Whether our own function provisions SQL Server, which requires an administrator. */
export function isProvisioned({ database }: Environment): boolean {
  return database.type === 'new' || typeof database.provisioning === 'object';
}

/** SQL Server's port on RDS. */
export const rdsPort = 1433;

/** Addresses and names of SQL Server, as far as the configuration determines them. */
export interface SqlServerNames {
  /** The name with which clients get Kerberos; an RDS endpoint's name would give NTLM. */
  readonly host: string;
  readonly port: number;
  /** Service principal name, `MSSQLSvc/<host>:<port>`, with `@REALM` if that is not the user's realm. */
  readonly spn: string;
}

/**
 * @returns `<identifier>.<domain>` for our own instance, and the configured names for others. Stages read them from the
 *   contract, which the database's stage writes, because some names are known only once the server exists.
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
