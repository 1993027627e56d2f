import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP } from 'node:net';
import { type Check, failed, passed } from './check.ts';

/** Checks that the server's name resolves. */
export async function examineName(server: string): Promise<Check<'name'>> {
  if (isIP(server)) {
    return passed(
      'name',
      `${server} is an address, so there is no name to look up or to derive an SPN from.`,
    );
  }
  try {
    const addresses = await lookup(server, { all: true });
    return passed('name', `${server} resolves to ${addresses.map(({ address }) => address).join(', ')}.`);
  } catch (error) {
    return failed(
      'name',
      'HOST_NOT_FOUND',
      `The name ${server} does not resolve: ${(error as Error).message}`,
    );
  }
}

/** Checks that something accepts TCP connections on the port. */
export function examinePort(
  server: string,
  port: number,
  timeoutMilliseconds: number,
): Promise<Check<'port'>> {
  return new Promise((resolve) => {
    const socket = connectTcp({ host: server, port });
    const settle = (check: Check<'port'>) => {
      socket.destroy();
      resolve(check);
    };
    socket.setTimeout(timeoutMilliseconds, () =>
      settle(failed('port', 'TIMEOUT', `Nothing answered on port ${port} of ${server} in time.`)),
    );
    socket.once('connect', () =>
      settle(passed('port', `${socket.remoteAddress}:${port} accepts connections.`)),
    );
    socket.once('error', (error) => {
      const cause = error instanceof AggregateError ? error.errors.at(-1) : error;
      // The machine is reachable, since it refused the connection; SQL Server is not listening there.
      const better = cause.code === 'ECONNREFUSED' ? ({ ask: 'database' } as const) : {};
      settle(failed('port', 'CONNECTION_FAILED', `Port ${port} of ${server}: ${cause.message}`, better));
    });
  });
}
