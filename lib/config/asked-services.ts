import type { AskedService } from '@packages/contracts';
import { exampleOf } from './route.ts';
import type { FurtherWeb } from './services.ts';

/** The most characters that CodeBuild allows in an environment variable. */
export const askedLimit = 4096;

/**
 * The addresses at which the integration test requests the further services, each in the way that its clients do.
 *
 * @param url of the environment's load balancer
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
