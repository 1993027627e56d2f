import { createServer } from 'node:net';

/**
 * A port of 127.0.0.1 that was free a moment ago. It is below those that the kernel gives to connections and to whoever asks
 * for any (from 32768 on Linux, see ip(7)), so that none of them has it before it is used, however late that is.
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
