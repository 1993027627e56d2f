import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
// A relative import, because the test also runs where the workspace's packages are not linked.
import type { AskedService } from '../../../packages/contracts/src/task/integration-test.ts';

/**
 * The status of a service's health check, within 10 s. Connects to the load balancer's address but requests the
 * service's own name, like a client whose DNS leads there. With HTTPS, the certificate must be valid for that name.
 */
export function statusOf({ url, host }: AskedService): Promise<number | undefined> {
  const { protocol } = new URL(url);
  const request = protocol === 'https:' ? requestHttps : requestHttp;
  const named = host === undefined ? {} : { servername: host, headers: { host } };
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...named, signal: AbortSignal.timeout(10_000) }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    });
    sent.on('error', reject);
    sent.end();
  });
}
