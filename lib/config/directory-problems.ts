import type { CheckedEnvironment } from './environment.ts';
import type { Problem } from './environment-problems.ts';
import { isSharedWith } from './network-problems.ts';

/** Contradictions between a directory, the domains that trust it, and the network and what is in it. */
export function directoryProblems(environment: CheckedEnvironment): Problem[] {
  const checks = [resolver, join, managementHost, ...environment.trusted.map((_, index) => trusted(index))];
  return checks.flatMap((check) => check(environment) ?? []);
}

type Check = (environment: CheckedEnvironment) => Problem | undefined;

/** How hosts in the network resolve the domain's names. */
const resolver: Check = ({ account, network, directory }) => {
  const wrong = (message: string): Problem => ({
    path: ['directory', 'resolver'],
    input: directory.resolver,
    message,
  });
  if (network.type === 'existing') {
    if (directory.resolver === 'none') {
      return network.dns === 'amazon' && directory.type === 'new'
        ? wrong('"create", or network.dns given servers that will know the new domain, because no others do')
        : undefined;
    }
    if (network.dns !== 'amazon') {
      return wrong('"none" with network.dns.servers: rules of Route 53 hold for its own resolver alone');
    }
    return directory.resolver === 'create' ? maker(account, network, wrong) : undefined;
  }
  if (directory.type === 'new') {
    return directory.resolver === 'create'
      ? wrong('"none" in a network of our own, where the directory is the DNS server')
      : undefined;
  }
  return directory.resolver === 'none'
    ? wrong('"create" or a rule ({"ruleId": …}): nothing else in the new network knows an existing domain')
    : undefined;
};

function maker(
  account: string,
  network: Extract<CheckedEnvironment['network'], { type: 'existing' }>,
  wrong: (message: string) => Problem,
): Problem | undefined {
  if (!isSharedWith(account, network)) return undefined;
  return wrong(
    `"none" or a rule ({"ruleId": …}) in a VPC of the account ${network.ownerAccount}, which alone can make an ` +
      'endpoint of the resolver in it',
  );
}

const join: Check = ({ directory, database }) => {
  if (directory.type !== 'self-managed' || directory.join) return undefined;
  if (database.type !== 'new') return undefined;
  const message =
    'given for an RDS instance that is created here: it joins the domain with an account of the directory';
  return { path: ['directory', 'join'], input: undefined, message };
};

const managementHost: Check = ({ network, directory }) => {
  if (network.type === 'existing' || !network.managementHost || directory.type !== 'self-managed') {
    return undefined;
  }
  const message = 'false with a self-managed directory, because AWS cannot join hosts to it';
  return { path: ['network', 'managementHost'], input: true, message };
};

const trusted =
  (index: number): Check =>
  ({ account, network, directory, trusted }) => {
    const domain = trusted[index];
    if (!domain) return undefined;
    const wrong = (key: string, input: unknown, message: string): Problem => ({
      path: ['trusted', index, key],
      input,
      message,
    });
    if (!domain.dnsAddresses && !domain.controllers) {
      return wrong(
        'controllers',
        undefined,
        'given, or dnsAddresses: tickets for its SQL Server are issued there',
      );
    }
    if (domain.resolver === 'create' && !domain.dnsAddresses) {
      return wrong('dnsAddresses', undefined, 'given with resolver "create": the rule leads to them');
    }
    if (domain.resolver === 'none') {
      if (network.type === 'existing' || directory.type === 'new') return undefined;
      const message = '"create" or a rule ({"ruleId": …}): nothing else in the new network knows this domain';
      return wrong('resolver', 'none', message);
    }
    if (network.type === 'new') {
      if (directory.type !== 'new') return undefined;
      const message =
        '"none" in a network of our own: its new directory answers, through a conditional forwarder that the trust needs';
      return wrong('resolver', domain.resolver, message);
    }
    if (network.dns !== 'amazon') {
      const message = '"none" with network.dns.servers: rules of Route 53 hold for its own resolver alone';
      return wrong('resolver', domain.resolver, message);
    }
    return domain.resolver === 'create'
      ? maker(account, network, (message) => wrong('resolver', domain.resolver, message))
      : undefined;
  };
