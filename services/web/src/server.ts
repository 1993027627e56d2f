import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { answerUnreadable, type UnreadableOptions, unreadableResponse } from './http/unreadable.ts';

type Listener = (incoming: IncomingMessage, outgoing: ServerResponse) => unknown;

export interface ServerOptions extends UnreadableOptions {
  readonly fetch: (request: Request) => Response | Promise<Response>;
  readonly host: string;
  /** 0 selects a free port. */
  readonly port: number;
  /** How long the headers of a request may take. Default: 10 s. */
  readonly headersMilliseconds?: number;
  /** Wraps the app's listener, and sees each request first. */
  readonly guard?: (listener: Listener) => Listener;
}

export interface RunningServer {
  readonly port: number;
  /**
   * Accepts no new connections. Resolves once all requests in progress are answered; after `limitSeconds`, connections
   * that are still open are cut.
   */
  close(limitSeconds: number): Promise<void>;
}

/**
 * Binds the port.
 *
 * @throws NodeJS.ErrnoException (`EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`) if it cannot be bound
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { fetch, host, port, headersMilliseconds = 10_000, guard = (listener) => listener } = options;
  const app = getRequestListener(fetch, { errorHandler: (error) => unreadableResponse(error, options) });
  const server = createServer(
    {
      // Longer than an Application Load Balancer keeps its side open (60 s), so that it sends no requests into closed
      // connections:
      // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
      keepAliveTimeout: 65_000,
      headersTimeout: headersMilliseconds,
      requestTimeout: 30_000,
      // How often the two limits above are checked; the default of 30 s could turn 10 s into 40.
      connectionsCheckingInterval: Math.min(1000, headersMilliseconds),
    },
    guard(app),
  );
  server.on('clientError', (error, socket) => answerUnreadable(error, socket, options));
  // Under overload a load balancer opens hundreds of connections; a full queue would delay each of them by a second.
  server.listen({ port, host, backlog: 4096 });
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
