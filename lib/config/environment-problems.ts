import type { Environment } from './environment.ts';
import { fargateMemory } from './fargate-sizes.ts';
import { hasKerberos, zonesOf } from './regions.ts';

/** A value that does not go with another one; `message` completes the sentence "… must be …". */
export interface Problem {
  readonly path: readonly string[];
  readonly input: unknown;
  readonly message: string;
}

/** What keys of an environment say against each other. */
export function environmentProblems(environment: Environment): Problem[] {
  const checks = [kerberos, zones, tasks, memory, natGateways, script, hostName, certificatePlace];
  return checks.flatMap((check) => check(environment) ?? []);
}

/** Told here, not by RDS after the half hour that the directory takes. */
function kerberos({ region }: Environment): Problem | undefined {
  if (hasKerberos(region)) return undefined;
  return {
    path: ['region'],
    input: region,
    message: 'a region where RDS for SQL Server has Kerberos authentication',
  };
}

function zones({ region, network }: Environment): Problem | undefined {
  const path = ['network', 'zones'];
  const known = zonesOf(region);
  if (network.zones.length === 0) {
    const message = `given in ${region}, where each account has two of the zones ${known.join(', ')}`;
    return { path, input: undefined, message };
  }
  if (network.zones.every((zone) => known.includes(zone))) return undefined;
  return { path, input: network.zones, message: `zones that ${region} has: ${known.join(', ')}` };
}

function tasks({ service }: Environment): Problem | undefined {
  if (service.maximumTasks >= service.minimumTasks) return undefined;
  const message = `at least minimumTasks (${service.minimumTasks})`;
  return { path: ['service', 'maximumTasks'], input: service.maximumTasks, message };
}

function memory({ service }: Environment): Problem | undefined {
  const sizes = fargateMemory(service.cpu);
  if (sizes.includes(service.memoryMiB)) return undefined;
  const message = `a size that Fargate pairs with cpu ${service.cpu}: ${sizes.join(', ')}`;
  return { path: ['service', 'memoryMiB'], input: service.memoryMiB, message };
}

function natGateways({ network, loadBalancer }: Environment): Problem | undefined {
  const problem = (message: string) => ({
    path: ['network', 'natGateways'],
    input: network.natGateways,
    message,
  });
  if (network.natGateways > network.zones.length) {
    return problem(`at most the number of zones (${network.zones.length})`);
  }
  // From a private subnet, the public addresses of a load balancer are reached through NAT only.
  if (loadBalancer.scheme === 'internet-facing' && network.natGateways === 0) {
    return problem('at least 1 with an internet-facing load balancer, for the integration test to reach it');
  }
  return undefined;
}

/** The private subnets' only way to a script without NAT is the gateway endpoint of S3, in the same region. */
function script({ region, network, database }: Environment): Problem | undefined {
  const url = database.script?.url;
  if (!url || network.natGateways > 0) return undefined;
  if (new RegExp(`^([a-z0-9.-]+\\.)?s3\\.${region}\\.amazonaws\\.com$`).test(new URL(url).hostname))
    return undefined;
  const message = `an address in S3 of ${region} (…s3.${region}.amazonaws.com) unless natGateways is at least 1`;
  return { path: ['database', 'script', 'url'], input: url, message };
}

function hostName({ loadBalancer }: Environment): Problem | undefined {
  const { hostName: name, hostedZone, certificateArn } = loadBalancer;
  const problem = (message: string) => ({ path: ['loadBalancer', 'hostName'], input: name, message });
  if (!name) {
    if (hostedZone) return problem(`given with hostedZone: a name in ${hostedZone.name}`);
    return certificateArn
      ? problem('given with certificateArn: a name that the certificate bears')
      : undefined;
  }
  if (!hostedZone) {
    return certificateArn ? undefined : problem('left out unless certificateArn or hostedZone is given');
  }
  return name === hostedZone.name || name.endsWith(`.${hostedZone.name}`)
    ? undefined
    : problem(`the name of the hosted zone ${hostedZone.name}, or one in it`);
}

function certificatePlace(environment: Environment): Problem | undefined {
  const { region, account, loadBalancer } = environment;
  const { certificateArn } = loadBalancer;
  const [, , , itsRegion, itsAccount] = certificateArn?.split(':') ?? [];
  if (!certificateArn || (itsRegion === region && itsAccount === account)) return undefined;
  const message = `a certificate in the environment's region ${region} and account ${account}`;
  return { path: ['loadBalancer', 'certificateArn'], input: certificateArn, message };
}
