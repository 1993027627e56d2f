import { ConnectionError } from 'tedious';
import { after } from './limits.ts';

/** How long what has arrived may take to be read, in milliseconds, but for the time that its reader is busy. */
const readingLimit = 1000;

/** What the reader is busy with, such as a pause, until that is over. */
export type Busy = () => Promise<unknown> | undefined;

/** Where a connection's packets arrive: the part of tedious' `messageIo` that is needed here. */
export interface Incoming {
  readonly incomingMessageStream: NodeJS.WritableStream & {
    readonly writableFinished: boolean;
    readonly destroyed: boolean;
  };
  /** There once TLS runs within TDS: its encrypted side is where the packets come in. */
  readonly securePair?: { readonly encrypted: NodeJS.WritableStream };
}

/**
 * Calls back once everything that has arrived was read. The end of a socket is told ahead of what its peer had said
 * before: whoever acts on it at once does not hear why.
 *
 * @param busy what is waited for: a reader who has paused gets all of it when he goes on, however late that is
 * @param hurry ends the waiting
 */
export function afterReading(
  { incomingMessageStream: stream, securePair }: Incoming,
  then: () => void,
  busy: Busy = () => undefined,
  hurry?: AbortSignal,
): void {
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  let limit = readingLimit;
  const look = () => {
    clearTimeout(timer);
    if (!over) timer = setTimeout(() => (hurry?.aborted ? undefined : busy())?.then(look) ?? done(), limit);
  };
  const done = () => {
    over = true;
    stream.removeListener('finish', onFinish);
    hurry?.removeEventListener('abort', onFinish);
    then();
  };
  /** What was read last is yet to be taken in. */
  const onFinish = () => {
    limit = 1;
    look();
  };
  hurry?.addEventListener('abort', onFinish, { once: true });
  if (hurry?.aborted || stream.writableFinished || stream.destroyed) {
    onFinish();
    return;
  }
  look();
  stream.once('finish', onFinish);
  // A reset ends the socket, but not by itself what reads from it.
  (securePair?.encrypted ?? stream).end();
}

/**
 * A signal that is aborted as the given one is, but for the end of the connection: then, once everything that has
 * arrived was read. A signal says one thing only: after an end of the connection, that one is deaf to all else.
 *
 * @param until aborted when nobody listens any more: Node.js keeps a signal of several that somebody listens to, and with it
 *   all that its listeners know of, for good
 * @param hurrying what ends the reading all the same: aborted when the time is over, or the connection is closed by us
 */
export function afterReadingSignal(
  signal: AbortSignal,
  until: AbortSignal,
  incoming: Incoming,
  hurrying: () => AbortSignal,
  busy?: Busy,
): AbortSignal {
  const controller = new AbortController();
  const abort = () => controller.abort(signal.reason);
  const read = () => {
    const hurry = hurrying();
    // Closed by us: that is why, whatever became of the connection before.
    const then = () => (hurry.reason instanceof ConnectionError ? controller.abort(hurry.reason) : abort());
    afterReading(incoming, then, busy, hurry);
  };
  const onAbort = () => {
    const { reason } = signal;
    // A native step may take the last token first: what it says of it comes before the end.
    if (reason instanceof ConnectionError && reason.code === 'ESOCKET') read();
    // Of a process that was held up, timers come ahead of what it could have read in time.
    else if (reason instanceof ConnectionError && reason.code === 'ETIMEOUT') setImmediate(abort);
    else abort();
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true, signal: until });
  return controller.signal;
}

/**
 * A signal that is aborted after so many milliseconds, or as `closing` is: no `AbortSignal.timeout`, which Node.js keeps
 * for all of its time once something has listened to it.
 *
 * @param until aborted when nobody listens any more
 */
export function hurrySignal(milliseconds: number, closing: AbortSignal, until: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const close = () => controller.abort(closing.reason);
  const stopClock = after(Math.max(0, milliseconds), () => controller.abort());
  until.addEventListener('abort', stopClock, { once: true });
  if (closing.aborted) close();
  else closing.addEventListener('abort', close, { once: true, signal: until });
  return controller.signal;
}
