import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

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
