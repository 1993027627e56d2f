import { ConnectionError } from 'tedious';

/** How long what has arrived may take to be read, in milliseconds, and how many times that where the reader waits. */
const readingLimit = 1000;
const mostLooks = 10;
/** How often a busy reader is looked at, once there is nothing left to read. */
const soon = 5;

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
 * @param waits whether the reader has paused, and is waited for
 * @param hurry ends the waiting
 */
export function afterReading(
  { incomingMessageStream: stream, securePair }: Incoming,
  then: () => void,
  waits = () => false,
  hurry?: AbortSignal,
): void {
  let timer: NodeJS.Timeout | undefined;
  let left = mostLooks;
  const look = () => {
    left -= 1;
    if (left > 0 && waits()) timer = setTimeout(look, readingLimit);
    else done();
  };
  const done = () => {
    clearTimeout(timer);
    stream.removeListener('finish', onFinish);
    hurry?.removeEventListener('abort', done);
    // What was read last is yet to be taken in.
    setTimeout(then, 1);
  };
  /** An answer that was not finished leaves nothing to read, but whoever takes in what came before may be busy yet. */
  const onFinish = () => {
    clearTimeout(timer);
    if (left > 0 && waits()) timer = setTimeout(onFinish, soon);
    else done();
  };
  hurry?.addEventListener('abort', done, { once: true });
  if (hurry?.aborted) {
    done();
    return;
  }
  if (stream.writableFinished || stream.destroyed) {
    onFinish();
    return;
  }
  timer = setTimeout(look, readingLimit);
  stream.once('finish', onFinish);
  // A reset ends the socket, but not by itself what reads from it.
  (securePair?.encrypted ?? stream).end();
}

/**
 * A signal that is aborted as the given one is, but for the end of the connection: then, once everything that has
 * arrived was read. A signal says one thing only: after an end of the connection, that one is deaf to all else.
 *
 * @param hurrying what ends the reading all the same: aborted when the time is over, or the connection is closed by us
 */
export function afterReadingSignal(
  signal: AbortSignal,
  incoming: Incoming,
  hurrying: () => AbortSignal,
  waits = () => false,
): AbortSignal {
  const controller = new AbortController();
  const abort = () => controller.abort(signal.reason);
  const read = () => {
    const hurry = hurrying();
    // Closed by us: that is why, whatever became of the connection before.
    const then = () => (hurry.reason instanceof ConnectionError ? controller.abort(hurry.reason) : abort());
    afterReading(incoming, then, waits, hurry);
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
  else signal.addEventListener('abort', onAbort, { once: true });
  return controller.signal;
}
