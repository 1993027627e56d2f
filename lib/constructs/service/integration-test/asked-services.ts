import type { AskedService } from '@packages/contracts';
import { exampleOf, webServices } from '../../../config/index.ts';
import type { Place } from '../../common/stage-contract.ts';

/**
 * Where the integration test asks the services beside web, each by the way that its clients use.
 *
 * @param url of the load balancer of the environment
 */
export function askedServices({ deployment, environment }: Place, url: string): AskedService[] {
  return webServices(deployment, environment).map(({ name, healthPath, route, loadBalancer }) => {
    const [host] = route?.hosts ?? [];
    return {
      name,
      url: `${loadBalancer ? `https://${loadBalancer.hostName}` : url}${healthPath}`,
      ...(host !== undefined && { host: exampleOf(host) }),
    };
  });
}
