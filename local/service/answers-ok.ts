import { request } from 'node:http';

/**
 * Whether 200 is the answer from an address, within ten seconds.
 *
 * @param host the name that is asked for there; default: that of the address
 */
export function answersOk(url: string, host?: string): Promise<boolean> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(10_000);
    const sent = request(url, { signal, ...(host !== undefined && { headers: { host } }) }, (response) => {
      response.resume();
      response.on('error', () => resolve(false));
      response.on('end', () => resolve(response.statusCode === 200));
    });
    sent.on('error', () => resolve(false));
    sent.end();
  });
}
