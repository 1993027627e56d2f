import type { Deployment } from './deployment.ts';
import { netbiosName } from './domain.ts';
import type { Environment } from './environment.ts';
import type { FurtherService } from './services.ts';
import { directoryUserOf } from './user.ts';

/** The names of an environment that the configuration fixes: the first half of the contract between stages. */
export interface EnvironmentNames {
  /** Prefix of every physical name, such as `windows-auth-staging`. */
  readonly prefix: string;
  /** Kerberos realm: the domain in capitals. */
  readonly realm: string;
  /** `NETBIOS\user`, as SQL Server sees the directory user. */
  readonly login: string;
  readonly netbiosName: string;
  readonly clusterName: string;
  readonly serviceName: string;
  /** The family of the task definition from which the service's doctor is started. */
  readonly doctorFamily: string;
  /** The CodeBuild project in the environment's VPC that runs the integration test. */
  readonly integrationTestProject: string;
  /** The role that the tools account assumes to run that project. */
  readonly integrationTestRole: string;
}

/** @returns the names of a further service: its ECS service or family, its user in SQL Server, and its doctor */
export function serviceNamesOf(
  deployment: Deployment,
  environment: Environment,
  { name, user }: FurtherService,
): Pick<EnvironmentNames, 'serviceName' | 'login' | 'doctorFamily'> {
  const { prefix, netbiosName } = namesOf(deployment, environment);
  return {
    serviceName: `${prefix}-${name}`,
    login: `${netbiosName}\\${user.name}`,
    doctorFamily: `${prefix}-${name}-doctor`,
  };
}

/** @returns the names of an environment */
export function namesOf(deployment: Deployment, environment: Environment): EnvironmentNames {
  const { domain } = environment;
  const prefix = `${deployment.name}-${environment.name}`;
  const netbios = netbiosName(domain);
  return {
    prefix,
    realm: domain.name.toUpperCase(),
    netbiosName: netbios,
    login: `${netbios}\\${directoryUserOf(deployment, environment).name}`,
    clusterName: prefix,
    serviceName: `${prefix}-web`,
    doctorFamily: `${prefix}-web-doctor`,
    integrationTestProject: `${prefix}-integration-test`,
    integrationTestRole: `${prefix}-integration-test`,
  };
}
