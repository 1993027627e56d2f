import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP } from 'node:net';
import { type Check, failed, passed } from './check.ts';

/** What the name of the server resolves to. */
export async function examineName(server: string): Promise<Check<'name'>> {
  if (isIP(server)) {
    return passed('name', `${server} is an address: there is no name to look up, nor to make an SPN of.`);
  }
  try {
    const addresses = await lookup(server, { all: true });
    return passed('name', `${server} is ${addresses.map(({ address }) => address).join(', ')}.`);
  } catch (error) {
    return failed(
      'name',
      'HOST_NOT_FOUND',
      `The name ${server} does not resolve: ${(error as Error).message}`,
    );
  }
}

/** Whether anything takes a connection there. */
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
      settle(passed('port', `${socket.remoteAddress}:${port} takes connections.`)),
    );
    socket.once('error', (error) => {
      const cause = error instanceof AggregateError ? error.errors.at(-1) : error;
      // A machine that says no is there and can be reached: what is missing is what should listen.
      const better = cause.code === 'ECONNREFUSED' ? ({ ask: 'database' } as const) : {};
      settle(failed('port', 'CONNECTION_FAILED', `Port ${port} of ${server}: ${cause.message}`, better));
    });
  });
}
