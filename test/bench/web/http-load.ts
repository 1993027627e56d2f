import { connect, type Socket } from 'node:net';

export interface HttpTarget {
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

/**
 * Sends GET requests over a fixed number of kept-alive connections, each waiting for its answer before the next
 * request. Reads only the status and length of an answer, because it shares the processor with the measured service.
 *
 * @throws Error if an answer is not 200 or a connection ends
 */
export class HttpLoad {
  readonly #sockets: Socket[];
  readonly #request: Buffer;

  private constructor({ host, path }: HttpTarget, sockets: Socket[]) {
    this.#sockets = sockets;
    this.#request = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAccept: */*\r\n\r\n`);
  }

  static async open(target: HttpTarget, clients: number): Promise<HttpLoad> {
    const sockets = Array.from({ length: clients }, () => connect(target.port, target.host).setNoDelay(true));
    await Promise.all(
      sockets.map(
        (socket) =>
          new Promise<void>((resolve, reject) => {
            socket.once('connect', resolve);
            socket.once('error', reject);
          }),
      ),
    );
    return new HttpLoad(target, sockets);
  }

  /** Sends `count` requests in total; resolves after the last answer. */
  async send(count: number): Promise<void> {
    let left = count;
    const client = async (socket: Socket) => {
      while (left > 0) {
        left -= 1;
        await this.#ask(socket);
      }
    };
    await Promise.all(this.#sockets.map(client));
  }

  #ask(socket: Socket): Promise<void> {
    return new Promise((resolve, reject) => {
      let received = '';
      let missing: number | undefined;
      const settle = (error?: Error) => {
        socket.off('data', onData);
        socket.off('close', onClose);
        if (error) reject(error);
        else resolve();
      };
      const onClose = () => settle(new Error('A connection was closed within a request.'));
      const onData = (chunk: Buffer) => {
        if (missing === undefined) {
          received += chunk.toString('latin1');
          missing = bytesMissing(received);
          if (missing === undefined) return;
        } else {
          missing -= chunk.length;
        }
        if (missing > 0) return;
        const status = received.slice(9, 12);
        settle(status === '200' ? undefined : new Error(`An answer had the status ${status}.`));
      };
      socket.on('data', onData);
      socket.once('close', onClose);
      socket.write(this.#request);
    });
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** How much of the answer is still missing; undefined until its header is complete. */
function bytesMissing(received: string): number | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const length = /\r\ncontent-length: (\d+)/i.exec(received.slice(0, end));
  if (!length) throw new Error('An answer does not tell its length.');
  return Number(length[1]) - (received.length - end - 4);
}
