import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';

export interface ServerOptions {
  readonly fetch: (request: Request) => Response | Promise<Response>;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

export interface RunningServer {
  readonly port: number;
  /**
   * Takes no new connection and resolves once every request in flight is answered,
   * or `limitSeconds` later, when connections still open are cut.
   */
  close(limitSeconds: number): Promise<void>;
}

/**
 * Binds the port.
 *
 * @throws NodeJS.ErrnoException (`EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`) if it cannot be bound
 */
export async function startServer({ fetch, host, port }: ServerOptions): Promise<RunningServer> {
  const server = createAdaptorServer({
    fetch,
    serverOptions: {
      // Longer than an Application Load Balancer keeps its side open (60 s), or it would send requests into closed
      // connections: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
      keepAliveTimeout: 65_000,
      headersTimeout: 10_000,
      requestTimeout: 30_000,
    },
  }) as Server;
  server.listen(port, host);
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    close: async (limitSeconds) => {
      const closed = once(server, 'close');
      const limit = setTimeout(() => server.closeAllConnections(), limitSeconds * 1000);
      server.close();
      await closed;
      clearTimeout(limit);
    },
  };
}
