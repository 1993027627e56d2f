import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Watches whether rounds still begin. A login and each query of a round have time limits, so if no round has begun five
 * minutes after the pause between rounds, the current one hangs.
 *
 * @param now milliseconds on a monotonic clock
 */
export function watchRounds(roundSeconds: number, now = () => performance.now()) {
  let began = now();
  return {
    begin: () => {
      began = now();
    },
    isAlive: () => now() - began < (roundSeconds + 300) * 1000,
  };
}

export interface HealthServer {
  readonly port: number;
  close(): void;
}

/**
 * Answers the container's health command on the loopback interface only: 204 while rounds begin, 503 once none has begun for
 * too long. An unreachable SQL Server does not make the container unhealthy; an alarm reports it.
 */
export async function startHealthServer(port: number, isAlive: () => boolean): Promise<HealthServer> {
  const server = createServer((_, response) => response.writeHead(isAlive() ? 204 : 503).end());
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: () => void server.close(),
  };
}
