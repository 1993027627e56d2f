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

/** Something that a client takes for AWS. */
export interface Peer {
  readonly url: string;
  /** How many requests, or connections where no request was read, have come. */
  readonly count: () => number;
  stop(): Promise<void>;
}

/** Answers each request as told. */
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

/** Takes connections and never says a word. */
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
 * Does not answer attempts to connect: a process that is halted, and whose queue of connections is full. What a
 * firewall does that drops packets.
 */
export async function deafPeer(): Promise<Peer> {
  const child = spawn(process.execPath, ['-e', deafServer], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [first] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(String(first));
  child.kill('SIGSTOP');
  // Linux queues one more than the backlog; what comes then is not answered at all.
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
