import {
  type Deployment,
  directoryUserOf,
  type Environment,
  type FurtherService,
  furtherServices,
  namesOf,
  rolesOfWeb,
  serviceNamesOf,
  sqlServerNames,
  type User,
} from '../../lib/config/index.ts';
import type { SqlServerAddress } from '../../lib/constructs/database/sql-server-address.ts';
import { type DomainNames, domainNames } from '../directory/domain-names.ts';

/** The names that the parts of a rehearsal know each other by: those of the first environment of a deployment. */
export interface RehearsalNames extends DomainNames {
  /** Name of the environment that is rehearsed, for example `staging`. */
  readonly environment: string;
  /** Prefix of the names of its stacks, for example `windows-auth-staging`. */
  readonly prefix: string;
  /** The CodeBuild project that runs its integration test. */
  readonly integrationTestProject: string;
  /** Who signs in: a user that is made here, or one that others have made. */
  readonly user: User;
  readonly directoryUser: string;
  /** What SQL Server calls the directory user, for example `CORP\db-user`. */
  readonly login: string;
  readonly instance: string;
  /** The domain of SQL Server, where that is another one, which trusts the user's. */
  readonly serverDomain: DomainNames | undefined;
  /** The account that SQL Server runs as. */
  readonly serviceAccount: string;
  /** How much of the database is made by us. */
  readonly provisioning: Provisioning;
  /** The host of the database in the directory, for example `music-db.corp.example.com`. */
  readonly sqlServer: string;
  readonly port: number;
  readonly spn: string;
  readonly database: string;
  /** All database roles of the login of web. */
  readonly roles: readonly string[];
  /** The name in the database's certificate, which is another one than its host in the directory, as with RDS. */
  readonly tlsName: string;
  /** The secret with the directory user's credentials. */
  readonly userSecret: string;
  /** The secret with the database administrator's credentials. */
  readonly adminSecret: string;
  /** The further services. */
  readonly services: readonly RehearsedService[];
}

/** A database of ours, all of it; in one of others nothing, a script for its administrator, or the login by a function. */
export type Provisioning = 'all' | 'none' | 'script' | 'login';

/** A directory user, and the secret with its credentials. */
export interface SignIn {
  readonly user: User;
  readonly userSecret: string;
}

/** A further service, with what it signs in with. */
export interface RehearsedService extends SignIn {
  readonly service: FurtherService;
  readonly login: string;
}

/**
 * @param deployment whose first environment is rehearsed
 * @param domain another DNS name for the domain than the configuration has
 */
export function rehearsalNamesOf(configured: Deployment, domain?: string): RehearsalNames {
  const [environment] = configured.environments;
  if (!environment) throw new Error('deployment.environments has no environment to rehearse.');
  const renamed = domain !== undefined && domain !== environment.domain.name;
  // The NetBIOS name that is configured belongs to the domain that is configured.
  const ofDomain = renamed ? { name: domain } : environment.domain;
  const rehearsed = { ...environment, domain: ofDomain };
  const names = namesOf(configured, rehearsed);
  const user = directoryUserOf(configured, environment);
  return {
    ...domainNames(ofDomain.name, names.netbiosName),
    environment: environment.name,
    prefix: names.prefix,
    integrationTestProject: names.integrationTestProject,
    user,
    directoryUser: user.name,
    login: names.login,
    ...databaseNames(rehearsed),
    userSecret: 'rehearsal/directory-user',
    adminSecret: 'rehearsal/database-admin',
    services: furtherServices(configured, rehearsed).map((service) => ({
      service,
      user: service.user,
      login: serviceNamesOf(configured, rehearsed, service).login,
      userSecret: `rehearsal/${service.name}-user`,
    })),
  };
}

function databaseNames(environment: Environment) {
  const { database, region } = environment;
  const { host, port, spn } = sqlServerNames(environment);
  const [first = host] = host.split('.');
  const common = { sqlServer: host, port, spn, instance: first, database: database.name };
  if (database.type === 'new') {
    return {
      ...common,
      serverDomain: undefined,
      serviceAccount: first,
      provisioning: 'all',
      roles: rolesOfWeb(database),
      tlsName: `${first}.abcdefghijkl.${region}.rds.amazonaws.com`,
    } as const;
  }
  const { domain, provisioning, tlsName } = database;
  return {
    ...common,
    serverDomain: domain === undefined ? undefined : domainNames(domain),
    // Its owners run it as an account that may be called anything but what a host is: that can be too long.
    serviceAccount: 'mssql-service',
    provisioning: typeof provisioning === 'string' ? provisioning : 'login',
    roles: rolesOfWeb(database),
    tlsName,
  } as const;
}

/** What the stage of the database publishes of it on AWS. */
export function addressOf({ sqlServer, port, spn, tlsName }: RehearsalNames): SqlServerAddress {
  return { host: sqlServer, port: String(port), spn, tlsName };
}
