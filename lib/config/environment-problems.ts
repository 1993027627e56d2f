import { directoryProblems } from './directory-problems.ts';
import type { CheckedEnvironment } from './environment.ts';
import { fargateMemory } from './fargate-sizes.ts';
import { networkProblems } from './network-problems.ts';
import { hasBuilds, hasKerberos } from './regions.ts';
import { administratorProblems, joinProblems } from './secret-problems.ts';
import { type UserSettings, userProblems } from './user.ts';

/** A value that conflicts with another one; `message` completes the sentence "… must be …". */
export interface Problem {
  readonly path: readonly (string | number)[];
  readonly input: unknown;
  readonly message: string;
}

/** Contradictions between keys of an environment. */
export function environmentProblems(environment: CheckedEnvironment): Problem[] {
  const checks = [
    kerberos,
    builds,
    networkProblems,
    directoryProblems,
    tasks,
    memory,
    script,
    twoWaysToSayRoles,
    balancerProblems,
    webUser,
    administratorProblems,
    joinProblems,
  ];
  return checks.flatMap((check) => check(environment) ?? []);
}

/** Checked here because RDS would fail only after the half hour that it takes to create the directory. */
function kerberos({ region, database }: CheckedEnvironment): Problem | undefined {
  if (database.type === 'existing' || hasKerberos(region)) return undefined;
  return {
    path: ['region'],
    input: region,
    message: 'a region where RDS for SQL Server has Kerberos authentication',
  };
}

function builds({ region }: CheckedEnvironment): Problem | undefined {
  if (hasBuilds(region)) return undefined;
  const message = 'a region that has CodeBuild, where the integration test runs';
  return { path: ['region'], input: region, message };
}

/**
 * Contradictions within a load balancer (the environment's, or one that a service has), and with its region and
 * account.
 */
export function balancerProblems(environment: CheckedEnvironment): Problem[] {
  return [hostName, certificatePlace].flatMap((check) => check(environment) ?? []);
}

function tasks({ service }: CheckedEnvironment): Problem | undefined {
  if (service.maximumTasks >= service.minimumTasks) return undefined;
  const message = `at least minimumTasks (${service.minimumTasks})`;
  return { path: ['service', 'maximumTasks'], input: service.maximumTasks, message };
}

function memory({ service }: CheckedEnvironment): Problem | undefined {
  const sizes = fargateMemory(service.cpu);
  if (sizes.includes(service.memoryMiB)) return undefined;
  const message = `a size that Fargate pairs with cpu ${service.cpu}: ${sizes.join(', ')}`;
  return { path: ['service', 'memoryMiB'], input: service.memoryMiB, message };
}

/** Without NAT, private subnets can download a script only through the S3 gateway endpoint, so from the same region. */
function script({ region, network, database, loadBalancer }: CheckedEnvironment): Problem | undefined {
  const url = database.type === 'new' ? database.script?.url : undefined;
  // We do not know what an existing network can reach.
  if (!url || network.type === 'existing' || network.natGateways > 0) return undefined;
  // It needs a NAT gateway in any case; another check reports that.
  if (loadBalancer.scheme === 'internet-facing') return undefined;
  if (new RegExp(`^([a-z0-9.-]+\\.)?s3\\.${region}\\.amazonaws\\.com$`).test(new URL(url).hostname))
    return undefined;
  const message = `an address in S3 of ${region} (…s3.${region}.amazonaws.com) unless natGateways is at least 1`;
  return { path: ['database', 'script', 'url'], input: url, message };
}

function twoWaysToSayRoles({ database: { roles, userRoles } }: CheckedEnvironment): Problem | undefined {
  if (roles === undefined || userRoles.length === 0) return undefined;
  const message = 'left out where roles are given, which are all that the user has: add what it needs there';
  return { path: ['database', 'userRoles'], input: userRoles, message };
}

function hostName({ loadBalancer }: CheckedEnvironment): Problem | undefined {
  const { hostName: name, hostedZone, certificateArn } = loadBalancer;
  const problem = (message: string) => ({ path: ['loadBalancer', 'hostName'], input: name, message });
  if (!name) {
    if (hostedZone) return problem(`given with hostedZone: a name in ${hostedZone.name}`);
    return certificateArn
      ? problem('given with certificateArn: a name that the certificate covers')
      : undefined;
  }
  if (!hostedZone) {
    return certificateArn ? undefined : problem('left out unless certificateArn or hostedZone is given');
  }
  return name === hostedZone.name || name.endsWith(`.${hostedZone.name}`)
    ? undefined
    : problem(`the name of the hosted zone ${hostedZone.name}, or one in it`);
}

function certificatePlace(environment: CheckedEnvironment): Problem | undefined {
  const { region, account, loadBalancer } = environment;
  const { certificateArn } = loadBalancer;
  const [, , , itsRegion, itsAccount] = certificateArn?.split(':') ?? [];
  if (!certificateArn || (itsRegion === region && itsAccount === account)) return undefined;
  const message = `a certificate in the environment's region ${region} and account ${account}`;
  return { path: ['loadBalancer', 'certificateArn'], input: certificateArn, message };
}

function webUser(environment: CheckedEnvironment): Problem[] {
  const { user } = environment;
  return [...userProblems(user, environment), ...missingSecret(user, environment, ['user'])];
}

/** A user of web or of a further service that we would have to create in someone else's directory. */
export function missingSecret(
  user: UserSettings | undefined,
  { directory }: Pick<CheckedEnvironment, 'directory'>,
  path: Problem['path'],
): Problem[] {
  const isOthers = directory.type === 'shared' || directory.type === 'self-managed';
  if (!isOthers || user?.secretArn !== undefined) return [];
  const message = `given with a ${directory.type} directory, in which users cannot be created from here`;
  return [{ path: [...path, 'secretArn'], input: undefined, message }];
}
