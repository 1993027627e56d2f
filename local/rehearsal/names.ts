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

/** The names that the parts of a rehearsal use for each other: those of the first environment of a deployment. */
export interface RehearsalNames extends DomainNames {
  /** Name of the rehearsed environment, for example `staging`. */
  readonly environment: string;
  /** Prefix of its stack names, for example `windows-auth-staging`. */
  readonly prefix: string;
  /** The CodeBuild project that runs its integration test. */
  readonly integrationTestProject: string;
  /** The user that signs in, either created here or given. */
  readonly user: User;
  readonly directoryUser: string;
  /** SQL Server's name for the directory user, for example `CORP\db-user`. */
  readonly login: string;
  readonly instance: string;
  /** The domain of SQL Server, if it is another domain, which trusts the user's. */
  readonly serverDomain: DomainNames | undefined;
  /** The account that SQL Server runs as. */
  readonly serviceAccount: string;
  /** How much of the database we create. */
  readonly provisioning: Provisioning;
  /** The host of the database in the directory, for example `music-db.corp.example.com`. */
  readonly sqlServer: string;
  readonly port: number;
  readonly spn: string;
  readonly database: string;
  /** All database roles of the login of web. */
  readonly roles: readonly string[];
  /** The name in the database's certificate, which differs from its host in the directory, as with RDS. */
  readonly tlsName: string;
  /** The secret with the directory user's credentials. */
  readonly userSecret: string;
  /** The secret with the database administrator's credentials. */
  readonly adminSecret: string;
  /** The further services. */
  readonly services: readonly RehearsedService[];
}

/**
 * Our own database: all of it. In a database of others: nothing, a script for its administrator, or the login by a
 * function.
 */
export type Provisioning = 'all' | 'none' | 'script' | 'login';

/** A directory user, and the secret with its credentials. */
export interface SignIn {
  readonly user: User;
  readonly userSecret: string;
}

/** A further service with its directory user and login. */
export interface RehearsedService extends SignIn {
  readonly service: FurtherService;
  readonly login: string;
}

/**
 * @param deployment its first environment is rehearsed
 * @param domain DNS name of the domain, in place of the configured one
 */
export function rehearsalNamesOf(configured: Deployment, domain?: string): RehearsalNames {
  const [environment] = configured.environments;
  if (!environment) throw new Error('deployment.environments has no environment to rehearse.');
  const renamed = domain !== undefined && domain !== environment.domain.name;
  // The configured NetBIOS name belongs to the configured domain, so it does not apply to another one.
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
    // The owners choose the account's name, which need not be the host's: a host name can be too long for an account.
    serviceAccount: 'mssql-service',
    provisioning: typeof provisioning === 'string' ? provisioning : 'login',
    roles: rolesOfWeb(database),
    tlsName,
  } as const;
}

/** The address that the database stage publishes on AWS. */
export function addressOf({ sqlServer, port, spn, tlsName }: RehearsalNames): SqlServerAddress {
  return { host: sqlServer, port: String(port), spn, tlsName };
}
