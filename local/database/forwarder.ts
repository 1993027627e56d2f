import { connect, createServer, type Server, type Socket } from 'node:net';

/** Forwards connections from one address to another, and can interrupt them. */
export interface Forwarder {
  /** The port it listens on. */
  readonly port: number;
  /** Ends all connections. With `silently`, the client's side is left open without a notice. */
  cut(options?: { silently?: boolean }): void;
  /** Forwards no data in either direction until `resume`. */
  suspend(): void;
  resume(): void;
  /** Ends all connections and accepts no more. */
  stop(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/**
 * @param delayMilliseconds how long the server's answers are held back, as if it were distant or busy
 * @throws Error of Node.js when it cannot listen on the address
 */
export async function startForwarder(
  from: { readonly address: string; readonly port: number },
  to: { readonly host: string; readonly port: number },
  { delayMilliseconds = 0 }: { readonly delayMilliseconds?: number } = {},
): Promise<Forwarder> {
  const pairs = new Set<Pair>();
  const silent = new Set<Socket>();
  let suspended = false;
  const listener = createServer((client) => {
    const pair = { client, server: connect(to) };
    pairs.add(pair);
    const { server } = pair;
    // Data that the server sent before it ended the connection still reaches the client; then the pipe ends the
    // client's side.
    client.on('error', () => client.destroy()).on('close', () => server.destroy());
    server.on('error', () => server.destroy());
    server.on('close', () => {
      pairs.delete(pair);
      if (!silent.has(client)) setTimeout(() => client.end(), delayMilliseconds);
    });
    for (const socket of [client, server]) socket.setNoDelay(true);
    client.pipe(server);
    if (delayMilliseconds === 0) server.pipe(client);
    // Timers with the same delay fire in the order in which they were set.
    else server.on('data', (chunk) => setTimeout(() => client.write(chunk), delayMilliseconds));
    if (suspended) pause(pair);
  });
  const port = await listen(listener, from);
  return {
    port,
    cut({ silently = false } = {}) {
      for (const { client, server } of pairs) {
        if (silently) {
          silent.add(client);
          server.unpipe(client);
          client.unpipe(server);
          client.pause();
        } else client.destroy();
        server.destroy();
      }
    },
    suspend() {
      suspended = true;
      for (const pair of pairs) pause(pair);
    },
    resume() {
      suspended = false;
      for (const { client, server } of pairs) {
        client.pipe(server);
        server.pipe(client);
      }
    },
    async stop() {
      const closed = new Promise((resolve) => listener.close(resolve));
      for (const { client, server } of pairs) for (const socket of [client, server]) socket.destroy();
      for (const client of silent) client.destroy();
      await closed;
    },
  };
}

function pause({ client, server }: Pair): void {
  client.unpipe(server).pause();
  server.unpipe(client).pause();
}

async function listen(
  listener: Server,
  { address, port }: { address: string; port: number },
): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(port, address, resolve);
  });
  const bound = listener.address();
  return typeof bound === 'object' && bound ? bound.port : port;
}
