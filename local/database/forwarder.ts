import { connect, createServer, type Server, type Socket } from 'node:net';

/** Connections from one address to another, which can be lost at will. */
export interface Forwarder {
  /** The port it listens on. */
  readonly port: number;
  /** Ends all connections; silently: the client's side is not told. */
  cut(options?: { silently?: boolean }): void;
  /** Carries nothing in either direction until `resume`. */
  suspend(): void;
  resume(): void;
  /** Ends all connections and takes no more. */
  stop(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/**
 * @param delayMilliseconds how long the server's answers are held back, as if it were distant or busy
 * @throws Error of Node.js when the address cannot be listened on
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
    // What the server sent before it ended the connection still goes out: the pipe ends the client's side after it.
    client.on('error', () => client.destroy()).on('close', () => server.destroy());
    server.on('error', () => server.destroy());
    server.on('close', () => {
      pairs.delete(pair);
      if (!silent.has(client)) setTimeout(() => client.end(), delayMilliseconds);
    });
    for (const socket of [client, server]) socket.setNoDelay(true);
    client.pipe(server);
    if (delayMilliseconds === 0) server.pipe(client);
    // Timers of one length go off in the order in which they were set.
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
