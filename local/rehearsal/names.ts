import { type DomainNames, domainNames } from '../directory/domain-names.ts';

/** The names that the parts of a rehearsal know each other by. */
export interface Names extends DomainNames {
  readonly directoryUser: string;
  /** What SQL Server calls the directory user, for example `CORP\db-user`. */
  readonly login: string;
  readonly instance: string;
  /** The host of the database in the directory, for example `music-db.corp.example.com`. */
  readonly sqlServer: string;
  readonly spn: string;
  readonly database: string;
  /** The name in the database's certificate, which is another one than its host in the directory, as with RDS. */
  readonly tlsName: string;
  /** The secret with the directory user's credentials. */
  readonly userSecret: string;
  /** The secret with the database administrator's credentials. */
  readonly adminSecret: string;
}

export function namesOf(domain: string): Names {
  const directory = domainNames(domain);
  const instance = 'music-db';
  const sqlServer = `${instance}.${directory.name}`;
  return {
    ...directory,
    directoryUser: 'db-user',
    login: `${directory.netbiosName}\\db-user`,
    instance,
    sqlServer,
    spn: `MSSQLSvc/${sqlServer}:1433`,
    database: 'Music',
    tlsName: `${instance}.abcdefghijkl.eu-central-1.rds.amazonaws.com`,
    userSecret: 'rehearsal/directory-user',
    adminSecret: 'rehearsal/database-admin',
  };
}
