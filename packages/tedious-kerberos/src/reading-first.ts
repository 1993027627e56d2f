import { ConnectionError } from 'tedious';
import { after } from './limits.ts';

/** How long reading what has arrived may take, in milliseconds, not counting the time in which its reader is busy. */
const readingLimit = 1000;

/** Returns a promise for the end of what keeps the reader busy (such as a pause), or undefined if it is not busy. */
export type Busy = () => Promise<unknown> | undefined;

/** Where a connection's packets arrive: the part of tedious' `messageIo` that is needed here. */
export interface Incoming {
  readonly incomingMessageStream: NodeJS.WritableStream & {
    readonly writableFinished: boolean;
    readonly destroyed: boolean;
  };
  /** Set once TLS runs inside TDS; packets then arrive on its encrypted side. */
  readonly securePair?: { readonly encrypted: NodeJS.WritableStream };
}

/**
 * Calls back once everything that has arrived is read. Node.js may report the end of a socket before the data that came
 * ahead of it; acting on the end immediately would lose the peer's reason.
 *
 * @param busy a busy reader is waited for without a limit, so that a paused one gets all rows however late it resumes
 * @param hurry ends the wait when aborted
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
  /** The last chunk still has to be processed, which takes one more turn of the event loop. */
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
  // A reset destroys the socket, but does not end the streams that read from it.
  (securePair?.encrypted ?? stream).end();
}

/**
 * A signal that follows the given one, except that after the end of the connection it is aborted only once everything that
 * has arrived is read. The given signal can report one reason only, so a later timeout or close must come from `hurrying`.
 *
 * @param until abort it to remove the listeners. `AbortSignal.any` will not do: Node.js keeps a composed signal that has
 *   listeners, and everything that they reference, for good
 * @param hurrying makes a signal that ends the reading early, aborted when time is up or when we close the connection
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
    // If we closed the connection, that is the reason, whatever happened to it before.
    const then = () => (hurry.reason instanceof ConnectionError ? controller.abort(hurry.reason) : abort());
    afterReading(incoming, then, busy, hurry);
  };
  const onAbort = () => {
    const { reason } = signal;
    // The peer's last token may explain the end, and a native step may still be working on it.
    if (reason instanceof ConnectionError && reason.code === 'ESOCKET') read();
    // If the process was held up, its timers run before data that it could have read in time; read that first.
    else if (reason instanceof ConnectionError && reason.code === 'ETIMEOUT') setImmediate(abort);
    else abort();
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true, signal: until });
  return controller.signal;
}

/**
 * A signal that is aborted after this many milliseconds or when `closing` is. `AbortSignal.timeout` is not used, because
 * Node.js keeps one that has had a listener until its time is up.
 *
 * @param until abort it to stop the timer and remove the listeners
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
