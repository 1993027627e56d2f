import type { CheckedEnvironment } from './environment.ts';
import type { Problem } from './environment-problems.ts';
import { type furtherServices, placeOf, webServices } from './services.ts';

type Services = Parameters<typeof furtherServices>[0];

/** A host name for which a record is created. */
interface Named {
  readonly zone: string;
  readonly host: string;
  readonly path: Problem['path'];
}

/**
 * Finds host names that an earlier environment has in the same hosted zone: a Route 53 record leads to one load
 * balancer.
 */
export function recordProblems(
  deployment: Services & { readonly environments: readonly CheckedEnvironment[] },
): Problem[] {
  const owners = new Map<string, string>();
  return deployment.environments.flatMap((environment, index) => {
    const records = recordsOf(deployment, environment, index);
    const problems = records.flatMap(({ zone, host, path }) => {
      const owner = owners.get(`${zone} ${host}`);
      const message = `a name of its own: ${owner} has it in the same hosted zone`;
      return owner ? [{ path, message, input: host }] : [];
    });
    for (const { zone, host } of records) owners.set(`${zone} ${host}`, environment.name);
    return problems;
  });
}

/** The names for the environment's load balancer, and for those that services have of their own. */
function recordsOf(deployment: Services, environment: CheckedEnvironment, index: number): Named[] {
  const { hostName, hostedZone } = environment.loadBalancer;
  const path = ['environments', index, 'loadBalancer', 'hostName'];
  return [
    ...(hostName && hostedZone ? [{ zone: hostedZone.id, host: hostName, path }] : []),
    ...webServices(deployment, environment).flatMap(({ name, route, loadBalancer: own }): Named[] => {
      const pathOf = (key: string) => placeOf(environment, index, name, key);
      const hosts = hostedZone ? (route?.hosts ?? []) : [];
      return [
        ...hosts.flatMap((host, position) =>
          // The environment's own host name already has its record.
          host === hostName || !hostedZone
            ? []
            : [{ zone: hostedZone.id, host, path: [...pathOf('route'), 'hosts', position] }],
        ),
        ...(own?.hostName && own.hostedZone
          ? [{ zone: own.hostedZone.id, host: own.hostName, path: [...pathOf('loadBalancer'), 'hostName'] }]
          : []),
      ];
    }),
  ];
}
