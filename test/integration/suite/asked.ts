import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
// Not by the package's name: the test runs where the workspace's packages are not linked.
import type { AskedService } from '../../../packages/contracts/src/task/integration-test.ts';

/**
 * The status of what a service answers at its health's address, within 10 s. Its own name is asked for at the load
 * balancer's address, as for a client whose DNS leads there: also by HTTPS, where the certificate must bear it.
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
