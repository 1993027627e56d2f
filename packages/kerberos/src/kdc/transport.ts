import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { ServerAddress } from '../configuration/server-address.ts';

/** A ticket has at most 64 kB or so; an answer that says it is longer than this is not read. */
const maximalAnswer = 1024 * 1024;

/** The message to send, or how to make it once our own address is known. */
export type Outgoing = Buffer | ((localAddress: string) => Buffer);

export interface ExchangeOptions {
  /** For the connection and the answer. */
  readonly timeoutMilliseconds: number;
  readonly signal?: AbortSignal | undefined;
}

/** The longest that a timer of Node.js takes; it takes a longer one for 1 ms. */
const longestTimer = 0x7fffffff;

/** @throws RangeError for what is no time limit; `Infinity` is none at all */
export function checkedLimit(timeoutMilliseconds: number): number {
  if (typeof timeoutMilliseconds === 'number' && timeoutMilliseconds > 0) return timeoutMilliseconds;
  throw new RangeError(
    `"timeoutMilliseconds" must be a number of milliseconds above 0, or Infinity for no limit, not ${String(timeoutMilliseconds)}.`,
  );
}

/** That nothing was sent, so that another server may be asked the same. */
export class NotConnected extends Error {}

/**
 * Sends one message over TCP and returns the answer (RFC 4120, section 7.2.2: a length of four octets comes first).
 *
 * @throws NotConnected; Error for an answer that is late, cut short or too long; the signal's reason
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
      throw new Error(`the answer is too long (${wanted} octets): what answers there is no KDC`);
    if (received >= 4 + wanted) return Buffer.concat(chunks).subarray(4, 4 + wanted);
  }
  throw new Error('the connection ended before the answer was whole');
}

/**
 * Sends one message over UDP, and once more each second until the answer comes.
 *
 * @throws NotConnected for a server that is not supported; Error when no answer comes in time; the signal's reason
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
    socket.on('error', () => {}); // of a datagram that is still under way
    socket.close();
  });
}

/** Runs an exchange that `stop` can end with an error. */
async function withinLimit<T>(
  { timeoutMilliseconds, signal }: ExchangeOptions,
  stop: (error: Error) => void,
  exchange: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  let heard: NodeJS.Immediate | undefined;
  const end = () => {
    // Of a process that was held up, timers come ahead of what it could have read in time.
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

/** What went wrong with an exchange, in few words. Of several addresses tried in vain, the last. */
export function reason(error: unknown): string {
  const last = error instanceof AggregateError ? (error.errors.at(-1) ?? error) : error;
  return last instanceof Error ? last.message : String(last);
}
