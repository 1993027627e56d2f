import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net';

/** A server that clients take for AWS. */
export interface Peer {
  readonly url: string;
  /** The number of requests received, or of connections if requests are not read. */
  readonly count: () => number;
  stop(): Promise<void>;
}

/** Answers each request with the given listener. */
export async function httpPeer(answer: RequestListener): Promise<Peer> {
  let count = 0;
  const server = createServer((request, response) => {
    count++;
    answer(request, response);
  });
  const url = await listen(server);
  return {
    url,
    count: () => count,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Accepts connections and never answers. */
export async function silentPeer(): Promise<Peer> {
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createTcpServer((socket) => {
    count++;
    sockets.add(socket.on('error', () => undefined).resume());
  });
  const url = await listen(server);
  return {
    url,
    count: () => count,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const deafServer = `
  const server = require('node:net').createServer(() => undefined);
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    console.log(server.address().port);
  });`;

/**
 * Does not accept connections, like behind a firewall that drops packets: a stopped process whose connection queue is
 * full.
 */
export async function deafPeer(): Promise<Peer> {
  const child = spawn(process.execPath, ['-e', deafServer], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [first] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(String(first));
  child.kill('SIGSTOP');
  // Linux queues one connection more than the backlog and does not answer further ones.
  const fillers = Array.from({ length: 6 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  await Promise.all(fillers.slice(0, 2).map((filler) => once(filler, 'connect')));
  return {
    url: `http://127.0.0.1:${port}`,
    count: () => 0,
    stop: async () => {
      for (const filler of fillers) filler.destroy();
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
