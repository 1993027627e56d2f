import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Whether rounds still begin. A round waits at most for a login and for each of its queries: five minutes after the rest in
 * which none has begun, the one that is under way hangs and never ends.
 *
 * @param now milliseconds of a clock that is never put back
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
 * Answers the container's health command, on the loopback interface alone: 204 as long as rounds begin, 503 when none has
 * begun for too long. That SQL Server cannot be reached is not the container's fault: an alarm tells of it.
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
