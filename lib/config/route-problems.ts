import { webPaths } from '@packages/contracts';
import { askedLimit, askedServices } from './asked-services.ts';
import type { CheckedEnvironment } from './environment.ts';
import { balancerProblems, type Problem } from './environment-problems.ts';
import { networkProblems } from './network-problems.ts';
import { overlap, type Route, routesOverlap, rulePriority } from './route.ts';
import { type FurtherWeb, type furtherServices, routedServices, webServices } from './services.ts';

type Deployment = Parameters<typeof furtherServices>[0];

/** A problem with a key of a service in an environment; `key` may be the path of a key within it. */
type Finding = readonly [service: string, key: readonly (string | number)[], input: unknown, message: string];

/** Contradictions between the routes and load balancers of services of kind `web`, and with web and the environment. */
export function routeProblems(
  deployment: Deployment,
  environment: CheckedEnvironment,
  placeOf: (service: string, key: string) => Problem['path'],
): Problem[] {
  const services = webServices(deployment, environment);
  const routed = routedServices(deployment, environment);
  const findings = [
    ...services.flatMap((service) => [...ways(service), ...numbers(service), ...ownVariables(service)]),
    ...routed.flatMap((service, index) => [
      ...wrongRoute(environment, service),
      ...names(environment, service),
      ...neighbours(service, routed.slice(0, index)),
    ]),
    ...tooManyNames(environment, routed),
    ...services.flatMap((service) => ownBalancer(environment, service)),
    ...sameNames(environment, services),
    ...tooMuchAsked(environment, services),
  ];
  return findings.map(([service, [key, ...inner], input, message]) => ({
    path: [...placeOf(service, String(key)), ...inner],
    input,
    message,
  }));
}

function ways({ name, route, loadBalancer }: FurtherWeb): Finding[] {
  if (route && loadBalancer) {
    return [[name, ['route'], route, 'left out where loadBalancer is given: a service has only one of them']];
  }
  if (route || loadBalancer) return [];
  const message = 'given, or loadBalancer: which requests the service gets, or a load balancer of its own';
  return [[name, ['route'], undefined, message]];
}

function numbers({ name, minimumTasks, maximumTasks }: FurtherWeb): Finding[] {
  if (maximumTasks >= minimumTasks) return [];
  return [[name, ['maximumTasks'], maximumTasks, `at least minimumTasks (${minimumTasks})`]];
}

/** Variables that only the stack of a service of kind `web` sets. */
function ownVariables({ name, variables, secrets }: FurtherWeb): Finding[] {
  return (['variables', 'secrets'] as const).flatMap((key) =>
    ['PORT', 'DRAIN_SECONDS']
      .filter((variable) => variable in { variables, secrets }[key])
      .map((variable): Finding => {
        const message = 'named otherwise: the stack itself sets this variable for a service of kind "web"';
        return [name, [key, variable], { variables, secrets }[key][variable], message];
      }),
  );
}

type Routed = FurtherWeb & { readonly route: Route };

/** If a route takes web's own paths, only that is reported. */
function wrongRoute(environment: CheckedEnvironment, service: Routed): Finding[] {
  const ofWeb = leavesWeb(environment, service);
  return ofWeb.length > 0 ? ofWeb : healthWithin(service);
}

/** The integration test asks for the service's health through the load balancer, so the route must cover that path. */
function healthWithin({ name, healthPath, route: { paths } }: Routed): Finding[] {
  if (!paths || paths.some((pattern) => overlap(pattern, healthPath))) return [];
  const message = `a path of its route (${paths.join(', ')}), through which the integration test requests it, too`;
  return [[name, ['healthPath'], healthPath, message]];
}

function leavesWeb({ loadBalancer, region }: CheckedEnvironment, { name, route }: Routed): Finding[] {
  const host = loadBalancer.hostName ?? `load-balancer.${region}.elb.amazonaws.com`;
  const taken = Object.values(webPaths).find((path) =>
    routesOverlap(route, { hosts: [host], paths: [path] }),
  );
  if (taken === undefined) return [];
  return [[name, ['route'], route, `a route that leaves ${host}${taken} to web, which answers there`]];
}

/** If records and certificates are created for the environment, they are also created for the hosts of routes. */
function names(environment: CheckedEnvironment, { name, route }: Routed): Finding[] {
  const { hostedZone } = environment.loadBalancer;
  return (route.hosts ?? []).flatMap((host, index): Finding[] => {
    const finding = (message: string): Finding => [name, ['route', 'hosts', index], host, message];
    const foreign = inDomain(environment, host);
    if (foreign) return [finding(foreign)];
    if (!hostedZone) return [];
    const known = /^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(host) && host.length <= 64;
    if (known && isIn(host, hostedZone.name)) return [];
    return [
      finding(
        `a name of at most 64 characters in the hosted zone ${hostedZone.name}, or "*." and one, for which a record and a certificate are made`,
      ),
    ];
  });
}

/** Why a name would not resolve to the load balancer: the domain's own DNS answers for it. */
function inDomain({ domain, trusted }: CheckedEnvironment, name: string): string | undefined {
  const foreign = [...(domain ? [domain] : []), ...trusted].find((one) => isIn(name, one.name));
  return foreign && `a name outside of the domain ${foreign.name}, whose own DNS answers for all names in it`;
}

const isIn = (name: string, domain: string) => name === domain || name.endsWith(`.${domain}`);

/** Routes must not overlap, so that their order does not matter. */
function neighbours({ name, route }: Routed, earlier: readonly Routed[]): Finding[] {
  const rival = earlier.find((other) => routesOverlap(other.route, route));
  if (rival) {
    const hint =
      (rival.route.hosts === undefined) === (route.hosts === undefined)
        ? ''
        : '; with hosts in both routes, they could be distinguished';
    return [
      [name, ['route'], route, `a route of its own: ${rival.name} gets some of these requests, too${hint}`],
    ];
  }
  const same = earlier.find((other) => rulePriority(other.name) === rulePriority(name));
  if (!same) return [];
  const message = `that of a service with another name: by chance, its rule would have the same priority as that of ${same.name}`;
  return [[name, ['route'], route, message]];
}

/** The most certificates of a load balancer besides its default one; each name that it answers for needs one. */
const certificates = 25;

function tooManyNames({ loadBalancer }: CheckedEnvironment, routed: readonly Routed[]): Finding[] {
  if (!loadBalancer.hostedZone) return [];
  const hosts = new Set<string>();
  return routed.flatMap(({ name, route }): Finding[] => {
    for (const host of route.hosts ?? []) if (host !== loadBalancer.hostName) hosts.add(host);
    if (hosts.size <= certificates || !route.hosts) return [];
    const message = `a list with which there are at most ${certificates} names in all: a load balancer allows no more certificates`;
    return [[name, ['route', 'hosts'], route.hosts, message]];
  });
}

function ownBalancer(environment: CheckedEnvironment, { name, loadBalancer }: FurtherWeb): Finding[] {
  if (!loadBalancer) return [];
  if (!loadBalancer.hostName) {
    const message =
      'given with a load balancer of its own, which answers by HTTPS: a name, with hostedZone, or with the certificateArn of a certificate that covers it';
    return [[name, ['loadBalancer', 'hostName'], undefined, message]];
  }
  const own = { ...environment, loadBalancer };
  const ofNetwork = whatElse(networkProblems, environment, own);
  const foreign = inDomain(environment, loadBalancer.hostName);
  return [
    ...balancerProblems(own).map(({ path: [, ...inner], input, message }): Finding => {
      return [name, ['loadBalancer', ...inner], input, message];
    }),
    ...ofNetwork.map(({ path, message }): Finding => {
      const { scheme } = loadBalancer;
      return [
        name,
        ['loadBalancer', 'scheme'],
        scheme,
        `"internal", or ${path.join('.')} must be ${message}`,
      ];
    }),
    ...(foreign ? [[name, ['loadBalancer', 'hostName'], loadBalancer.hostName, foreign] as const] : []),
  ];
}

/** Problems of one environment that another one does not have. */
function whatElse(
  problems: (environment: CheckedEnvironment) => readonly Problem[],
  one: CheckedEnvironment,
  other: CheckedEnvironment,
): readonly Problem[] {
  // An environment with a problem of its own has no zones yet; that problem is reported elsewhere.
  if (!one.network?.zones) return [];
  const known = new Set(problems(one).map(({ message }) => message));
  return problems(other).filter(({ message }) => !known.has(message));
}

/** Upper bound for the address that Elastic Load Balancing gives a load balancer. */
const longestUrl = `https://${'a'.repeat(100)}`;

/** The integration test gets the addresses of all services in one variable. */
function tooMuchAsked({ loadBalancer }: CheckedEnvironment, services: readonly FurtherWeb[]): Finding[] {
  const url = loadBalancer.hostName ? `https://${loadBalancer.hostName}` : longestUrl;
  const { length } = JSON.stringify(askedServices(services, url));
  const longest = services.toSorted((one, other) => lengthOf(other) - lengthOf(one))[0];
  if (length <= askedLimit || !longest) return [];
  const message = `shorter, or a host of its route: the addresses of the services of kind "web" that the integration test gets have ${length} characters, and CodeBuild allows ${askedLimit} in a variable`;
  return [[longest.name, ['healthPath'], longest.healthPath, message]];
}

const lengthOf = ({ healthPath }: FurtherWeb) => JSON.stringify(healthPath).length;

/** A host name can lead to only one load balancer. */
function sameNames({ loadBalancer }: CheckedEnvironment, services: readonly FurtherWeb[]): Finding[] {
  const taken = new Map([[loadBalancer.hostName, 'web']]);
  for (const { name, route } of services) for (const host of route?.hosts ?? []) taken.set(host, name);
  return services.flatMap(({ name, loadBalancer: own }): Finding[] => {
    if (!own?.hostName) return [];
    const owner = taken.get(own.hostName);
    taken.set(own.hostName, name);
    if (owner === undefined) return [];
    return [[name, ['loadBalancer', 'hostName'], own.hostName, `a name of its own: ${owner} has it`]];
  });
}
