import { exampleOf } from './route.ts';
import type { FurtherWeb } from './services.ts';

/** How many characters CodeBuild takes in a variable. */
export const askedLimit = 4096;

/** What the integration test asks of a service. */
interface Asked {
  readonly name: string;
  readonly url: string;
  readonly host?: string;
}

/**
 * Where the integration test asks the further services, each by the way that its clients use.
 *
 * @param url of the load balancer of the environment
 */
export function askedServices(services: readonly FurtherWeb[], url: string): Asked[] {
  return services.map(({ name, healthPath, route, loadBalancer }) => {
    const [host] = route?.hosts ?? [];
    return {
      name,
      url: `${loadBalancer ? `https://${loadBalancer.hostName}` : url}${healthPath}`,
      ...(host !== undefined && { host: exampleOf(host) }),
    };
  });
}
