import type { AskedService } from '@packages/contracts';
import { exampleOf } from './route.ts';
import type { FurtherWeb } from './services.ts';

/** How many characters CodeBuild takes in a variable. */
export const askedLimit = 4096;

/**
 * Where the integration test asks the further services, each by the way that its clients use.
 *
 * @param url of the load balancer of the environment
 */
export function askedServices(services: readonly FurtherWeb[], url: string): AskedService[] {
  return services.map(({ name, healthPath, route, loadBalancer }) => {
    const [host] = route?.hosts ?? [];
    return {
      name,
      url: `${loadBalancer ? `https://${loadBalancer.hostName}` : url}${healthPath}`,
      ...(host !== undefined && { host: exampleOf(host) }),
    };
  });
}
