import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { ServerAddress } from '../configuration/server-address.ts';

/** A ticket has at most about 64 kB. An answer that claims to be longer than this limit is not read. */
const maximalAnswer = 1024 * 1024;

/** The message to send, or a function that builds it once the local address is known. */
export type Outgoing = Buffer | ((localAddress: string) => Buffer);

export interface ExchangeOptions {
  /** For both the connection and the answer. */
  readonly timeoutMilliseconds: number;
  readonly signal?: AbortSignal | undefined;
}

/** The longest delay of a Node.js timer; a longer one would be treated as 1 ms. */
const longestTimer = 0x7fffffff;

/** @throws RangeError for an invalid time limit; `Infinity` means no limit */
export function checkedLimit(timeoutMilliseconds: number): number {
  if (typeof timeoutMilliseconds === 'number' && timeoutMilliseconds > 0) return timeoutMilliseconds;
  throw new RangeError(
    `"timeoutMilliseconds" must be a number of milliseconds above 0, or Infinity for no limit, not ${String(timeoutMilliseconds)}.`,
  );
}

/** Nothing was sent, so the same request may be sent to another server. */
export class NotConnected extends Error {}

/**
 * Sends one message over TCP and returns the answer (RFC 4120, section 7.2.2: preceded by its length in four octets).
 *
 * @throws NotConnected; Error if the answer is late, truncated or too long; the signal's reason
 */
export async function exchangeByTcp(
  { host, port, unsupported }: ServerAddress,
  outgoing: Outgoing,
  options: ExchangeOptions,
): Promise<Buffer> {
  if (unsupported) throw new NotConnected(unsupported);
  const socket = connect({ host, port });
  return withinLimit(
    options,
    (error) => socket.destroy(error),
    async () => {
      try {
        await once(socket, 'connect');
      } catch (cause) {
        throw new NotConnected(reason(cause), { cause });
      }
      const message = resolve(outgoing, socket.localAddress);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(message.length);
      socket.write(Buffer.concat([length, message]));
      return await wholeAnswer(socket);
    },
  ).finally(() => socket.destroy());
}

async function wholeAnswer(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let received = 0;
  let wanted: number | undefined;
  for await (const chunk of socket) {
    chunks.push(chunk as Buffer);
    received += (chunk as Buffer).length;
    if (received < 4) continue;
    wanted ??= Buffer.concat(chunks).readUInt32BE();
    if (wanted > maximalAnswer)
      throw new Error(`the answer is too long (${wanted} octets): the server is not a KDC`);
    if (received >= 4 + wanted) return Buffer.concat(chunks).subarray(4, 4 + wanted);
  }
  throw new Error('the connection ended before the answer was complete');
}

/**
 * Sends one message over UDP and repeats it every second until the answer comes.
 *
 * @throws NotConnected for an unsupported server; Error if no answer comes in time; the signal's reason
 */
export async function exchangeByUdp(
  { host, port, unsupported }: ServerAddress,
  outgoing: Outgoing,
  options: ExchangeOptions,
): Promise<Buffer> {
  if (unsupported) throw new NotConnected(unsupported);
  const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4' });
  let again: NodeJS.Timeout | undefined;
  return withinLimit(
    options,
    (error) => socket.emit('error', error),
    async () => {
      const connected = once(socket, 'connect');
      socket.connect(port, host);
      await connected;
      const message = resolve(outgoing, socket.address().address);
      const answer = once(socket, 'message');
      socket.send(message);
      again = setInterval(() => socket.send(message), 1000);
      return (await answer)[0] as Buffer;
    },
  ).finally(() => {
    clearInterval(again);
    socket.on('error', () => {}); // a datagram may still be in flight
    socket.close();
  });
}

/** Runs an exchange with a time limit. `stop` must make the exchange fail with the error. */
async function withinLimit<T>(
  { timeoutMilliseconds, signal }: ExchangeOptions,
  stop: (error: Error) => void,
  exchange: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  let heard: NodeJS.Immediate | undefined;
  const end = () => {
    // In a process that was stalled, timers fire before pending input is read. Let an answer that came in time win.
    heard = setImmediate(() => stop(new Error(`no answer in ${timeoutMilliseconds} ms`)));
  };
  const timer = timeoutMilliseconds > longestTimer ? undefined : setTimeout(end, timeoutMilliseconds);
  const onAbort = () => stop(new Error('canceled'));
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await exchange();
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
    clearImmediate(heard);
    signal?.removeEventListener('abort', onAbort);
  }
}

function resolve(outgoing: Outgoing, localAddress: string | undefined): Buffer {
  return typeof outgoing === 'function' ? outgoing(localAddress ?? '127.0.0.1') : outgoing;
}

/** A short description of an exchange's failure. If several addresses failed, describes the last. */
export function reason(error: unknown): string {
  const last = error instanceof AggregateError ? (error.errors.at(-1) ?? error) : error;
  return last instanceof Error ? last.message : String(last);
}
