import type { CheckedEnvironment } from './environment.ts';
import type { Problem } from './environment-problems.ts';
import { type furtherServices, placeOf, webServices } from './services.ts';

type Services = Parameters<typeof furtherServices>[0];

/** A name that a record is made for. */
interface Named {
  readonly zone: string;
  readonly host: string;
  readonly path: Problem['path'];
}

/** A record of Route 53 leads to one load balancer: names that an earlier environment has in the same hosted zone. */
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

/** Those of the load balancer of the environment, and of the ones that services have for themselves. */
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
          // That has its record already.
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
