import {
  namesOf as deployedNamesOf,
  directoryUserOf,
  type FurtherService,
  furtherServices,
  serviceNamesOf,
  sqlServerNames,
} from '../../lib/config/index.ts';
import type { SqlServerAddress } from '../../lib/constructs/database/sql-server-address.ts';
import { type DomainNames, domainNames } from '../directory/domain-names.ts';
import { configuredDeployment } from '../pipeline/cdk-context.ts';

/** The names that the parts of a rehearsal know each other by: those of the first environment in cdk.json. */
export interface Names extends DomainNames {
  /** Name of the environment that is rehearsed, for example `staging`. */
  readonly environment: string;
  /** Prefix of the names of its stacks, for example `windows-auth-staging`. */
  readonly prefix: string;
  /** The CodeBuild project that runs its integration test. */
  readonly integrationTestProject: string;
  readonly directoryUser: string;
  /** What SQL Server calls the directory user, for example `CORP\db-user`. */
  readonly login: string;
  readonly instance: string;
  /** The host of the database in the directory, for example `music-db.corp.example.com`. */
  readonly sqlServer: string;
  readonly port: number;
  readonly spn: string;
  readonly database: string;
  /** The name in the database's certificate, which is another one than its host in the directory, as with RDS. */
  readonly tlsName: string;
  /** The secret with the directory user's credentials. */
  readonly userSecret: string;
  /** The secret with the database administrator's credentials. */
  readonly adminSecret: string;
  /** The services beside web. */
  readonly services: readonly RehearsedService[];
}

/** A service beside web, with what it signs in with. */
export interface RehearsedService {
  readonly service: FurtherService;
  readonly login: string;
  readonly userSecret: string;
}

/**
 * @param domain another DNS name for the domain than the configuration has
 * @throws ConfigurationError when cdk.json is wrong
 */
export function namesOf(domain?: string): Names {
  const configured = configuredDeployment();
  const [environment] = configured.environments;
  if (!environment) throw new Error('deployment.environments in cdk.json has no environment to rehearse.');
  const renamed = domain !== undefined && domain !== environment.domain.name;
  // The NetBIOS name that is configured belongs to the domain that is configured.
  const ofDomain = renamed ? { name: domain } : environment.domain;
  const rehearsed = { ...environment, domain: ofDomain };
  const names = deployedNamesOf(configured, rehearsed);
  const { host, port, principal } = sqlServerNames(rehearsed);
  const [identifier = host] = host.split('.');
  return {
    ...domainNames(ofDomain.name, names.netbiosName),
    environment: environment.name,
    prefix: names.prefix,
    integrationTestProject: names.integrationTestProject,
    directoryUser: directoryUserOf(configured, environment).name,
    login: names.login,
    instance: identifier,
    sqlServer: host,
    port,
    spn: principal,
    database: environment.database.name,
    tlsName: `${identifier}.abcdefghijkl.${environment.region}.rds.amazonaws.com`,
    userSecret: 'rehearsal/directory-user',
    adminSecret: 'rehearsal/database-admin',
    services: furtherServices(configured, rehearsed).map((service) => ({
      service,
      login: serviceNamesOf(configured, rehearsed, service).login,
      userSecret: `rehearsal/${service.name}-user`,
    })),
  };
}

/** What the stage of the database publishes of it on AWS. */
export function addressOf({ sqlServer, port, spn, tlsName }: Names): SqlServerAddress {
  return { host: sqlServer, port: String(port), principal: spn, tlsName };
}
