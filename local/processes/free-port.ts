import { createServer } from 'node:net';

/**
 * Returns a port of 127.0.0.1 that is free at the moment. It is below the kernel's ephemeral port range (from 32768 on
 * Linux, see ip(7)), so that no outgoing connection or server on a random port takes it before it is used.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
