import type { Deployment } from './deployment.ts';
import { netbiosName } from './domain.ts';
import type { Environment } from './environment.ts';

/** The names one environment goes by, fixed by configuration: the first half of the contract between stages. */
export interface Names {
  /** Prefix of every physical name, such as `windows-auth-staging`. */
  readonly prefix: string;
  /** Kerberos realm: the domain in capitals. */
  readonly realm: string;
  /** `NETBIOS\user`, as SQL Server sees the directory user. */
  readonly login: string;
  readonly netbiosName: string;
  /** `<instance>.<domain>`: the name that gives Kerberos; the RDS endpoint's own would give NTLM. */
  readonly sqlServerHost: string;
  /** Service principal name of SQL Server, `MSSQLSvc/<host>:1433`. */
  readonly sqlServerPrincipal: string;
  readonly clusterName: string;
  readonly serviceName: string;
  /** The family of task definitions that the doctor of the service is started from. */
  readonly doctorFamily: string;
  /** The CodeBuild project in the environment's VPC that runs the integration test. */
  readonly integrationTestProject: string;
  /** The role that the tools account assumes to run that project. */
  readonly integrationTestRole: string;
}

/** SQL Server's port, part of its service principal name. */
export const sqlServerPort = 1433;

/** @returns the names of one environment of a deployment. */
export function namesOf(deployment: Deployment, environment: Environment): Names {
  const { domain } = environment;
  const prefix = `${deployment.name}-${environment.name}`;
  const netbios = netbiosName(domain);
  const sqlServerHost = `${environment.database.identifier}.${domain.name}`;
  return {
    prefix,
    realm: domain.name.toUpperCase(),
    netbiosName: netbios,
    login: `${netbios}\\${deployment.domain.user}`,
    sqlServerHost,
    sqlServerPrincipal: `MSSQLSvc/${sqlServerHost}:${sqlServerPort}`,
    clusterName: prefix,
    serviceName: `${prefix}-web`,
    doctorFamily: `${prefix}-web-doctor`,
    integrationTestProject: `${prefix}-integration-test`,
    integrationTestRole: `${prefix}-integration-test`,
  };
}
