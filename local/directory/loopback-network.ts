import { createServer, type Server } from 'node:net';

/** A /24 of the loopback range for one domain only, so that several can run at the same time. */
export interface LoopbackNetwork {
  /** For example `127.81.7`. */
  readonly prefix: string;
  /** The n-th address, for example `127.81.7.10`. */
  address(n: number): string;
  release(): Promise<void>;
}

/**
 * A process claims a network by listening on this port of its first address; the kernel ends the claim when the process
 * dies.
 */
const claimPort = 1;

/**
 * Claims a network that no other process holds.
 *
 * @param prefix a specific network (the rehearsal's is `127.80.0`); default: any free one
 * @throws Error when the requested network, or every network, is taken
 */
export async function claimLoopbackNetwork(prefix?: string): Promise<LoopbackNetwork> {
  const candidates = prefix ? [prefix] : shuffledPrefixes();
  for (const candidate of candidates) {
    const claim = await listen(`${candidate}.1`);
    if (claim) return network(candidate, claim);
  }
  throw new Error(
    prefix
      ? `The loopback network ${prefix}.0/24 is in use by another rehearsal: stop that one first.`
      : 'No loopback network is free: every /24 of 127.81.0.0/16 is claimed.',
  );
}

function network(prefix: string, claim: Server): LoopbackNetwork {
  return {
    prefix,
    address: (n) => `${prefix}.${n}`,
    release: () => new Promise((resolve) => claim.close(() => resolve())),
  };
}

function shuffledPrefixes(): string[] {
  const start = Math.floor(Math.random() * 256);
  return Array.from({ length: 256 }, (_, i) => `127.81.${(start + i) % 256}`);
}

function listen(address: string): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', () => resolve(undefined));
    server.listen({ host: address, port: claimPort }, () => {
      server.unref();
      resolve(server);
    });
  });
}
