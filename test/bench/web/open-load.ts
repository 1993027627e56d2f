// A process that sends requests at a fixed rate, whether or not earlier ones are answered, like independent visitors.
// Its parent sends the load to generate; the process reports the results.
import { connect, type Socket } from 'node:net';

export interface OpenLoadRequest {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly perSecond: number;
  readonly seconds: number;
}

/** Milliseconds from when each request was due, by outcome. */
export interface OpenLoadResult {
  readonly answered: readonly number[];
  readonly turnedAway: readonly number[];
  /** Any other status, a 503 without Retry-After, or a closed connection. */
  readonly failed: number;
}

/** The capacity of the rehearsal's load balancer, minus room for other connections. */
const maximumConnections = 3000;
/** Longer than any wait in front of the service. A request without an answer by then has failed. */
const limitMilliseconds = 20_000;

/**
 * Kept-alive connections. Opens another one whenever all are busy, up to a maximum; beyond it, requests wait for a free
 * one.
 */
class Connections {
  readonly #target: OpenLoadRequest;
  readonly #request: Buffer;
  readonly #free: Socket[] = [];
  readonly #waiting: ((socket: Socket) => void)[] = [];
  #open = 0;

  constructor(target: OpenLoadRequest) {
    this.#target = target;
    this.#request = Buffer.from(`GET ${target.path} HTTP/1.1\r\nHost: ${target.host}\r\nAccept: */*\r\n\r\n`);
  }

  close(): void {
    for (const socket of this.#free) socket.destroy();
  }

  /** @returns the head of the answer; undefined if the connection was closed or no answer came in time */
  async ask(): Promise<string | undefined> {
    const socket = await this.#connection();
    return new Promise((resolve) => {
      let head = '';
      let missing: number | undefined;
      const settle = (answer: string | undefined) => {
        clearTimeout(limit);
        socket.removeAllListeners();
        socket.on('error', () => {});
        if (answer === undefined) this.#replace(socket);
        else this.#release(socket);
        resolve(answer);
      };
      const limit = setTimeout(() => settle(undefined), limitMilliseconds);
      socket.on('data', (chunk: Buffer) => {
        if (missing === undefined) {
          head += chunk.toString('latin1');
          const end = head.indexOf('\r\n\r\n');
          if (end < 0) return;
          const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN);
          missing = length - (head.length - end - 4);
          head = head.slice(0, end);
        } else missing -= chunk.length;
        if (!(missing > 0)) settle(Number.isNaN(missing) ? undefined : head);
      });
      socket.on('error', () => settle(undefined));
      socket.on('close', () => settle(undefined));
      socket.write(this.#request);
    });
  }

  #connection(): Socket | Promise<Socket> {
    const free = this.#free.pop();
    if (free) return free;
    if (this.#open < maximumConnections) return this.#connect();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #connect(): Socket {
    this.#open += 1;
    return connect(this.#target.port, this.#target.host).setNoDelay(true);
  }

  #release(socket: Socket): void {
    const next = this.#waiting.shift();
    if (next) {
      next(socket);
      return;
    }
    socket.once('close', () => {
      const index = this.#free.indexOf(socket);
      if (index < 0) return;
      this.#free.splice(index, 1);
      this.#open -= 1;
    });
    this.#free.push(socket);
  }

  #replace(socket: Socket): void {
    socket.destroy();
    this.#open -= 1;
    this.#waiting.shift()?.(this.#connect());
  }
}

async function run(load: OpenLoadRequest): Promise<OpenLoadResult> {
  const connections = new Connections(load);
  const answered: number[] = [];
  const turnedAway: number[] = [];
  let failed = 0;
  const total = Math.round(load.perSecond * load.seconds);
  const start = performance.now();
  const pending: Promise<void>[] = [];
  const send = async (due: number) => {
    const head = await connections.ask();
    const milliseconds = performance.now() - due;
    if (head?.startsWith('HTTP/1.1 200')) answered.push(milliseconds);
    else if (head?.startsWith('HTTP/1.1 503') && /\r\nretry-after: \d/i.test(head))
      turnedAway.push(milliseconds);
    else failed += 1;
  };
  await new Promise<void>((resolve) => {
    const tick = setInterval(() => {
      const elapsed = performance.now() - start;
      while (pending.length < total && (pending.length / load.perSecond) * 1000 <= elapsed) {
        pending.push(send(start + (pending.length / load.perSecond) * 1000));
      }
      if (pending.length < total) return;
      clearInterval(tick);
      resolve();
    }, 1);
  });
  await Promise.all(pending);
  connections.close();
  return { answered, turnedAway, failed };
}

process.on('message', async (load: OpenLoadRequest) => {
  process.send?.(await run(load));
});
process.once('disconnect', () => process.exit());
process.send?.('ready');
