import { logKeys } from '@packages/contracts';
import pino, { type Logger } from 'pino';

export interface LoggerOptions {
  readonly level: string;
  /** The name of the service, such as `web`. */
  readonly service: string;
  readonly task: string;
  /** Told when lines cannot be written, such as on a full disk, or because nobody reads them any more. */
  readonly lost?: (error: Error) => void;
}

/** Bytes of lines that are kept until they can be written; further ones are left out. */
const kept = 8 * 1_048_576;
/** Milliseconds until a pipe that was full is tried again. */
const retryAfter = 50;
/** Milliseconds for which the end of the process waits for a reader that takes nothing. */
const lastWait = 1000;

/**
 * JSON lines on stdout: what the log driver of the container takes. Nothing waits for it, neither work nor the end of the
 * process: lines that cannot be written are kept for a while, or left out. Pino's own output would throw in the middle of
 * anything, wait for a reader that has stalled, or try forever when the process ends.
 */
export function createLogger({ level, service, task, lost = () => {} }: LoggerOptions): Logger {
  return pino(
    {
      level,
      messageKey: logKeys.message,
      base: { service, task },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    patientOutput(lost),
  );
}

function patientOutput(lost: (error: Error) => void) {
  // Node.js makes a pipe refuse what does not fit (EAGAIN) when it opens its own stream: writing would wait for the reader.
  void process.stdout;
  const output = pino.destination({ dest: 1, sync: true, maxLength: kept, retryEAGAIN: () => false });
  // Whatever is written, nothing even, goes after what is kept.
  const again = () => void output.write('');
  let isFull = false;
  let retry: NodeJS.Timeout | undefined;
  output.on('error', (error: NodeJS.ErrnoException) => {
    isFull = error.code === 'EAGAIN';
    if (!isFull) return lost(error);
    clearTimeout(retry);
    retry = setTimeout(again, retryAfter).unref();
  });
  let taken = false;
  output.on('write', () => {
    taken = true;
  });
  process.once('exit', () => {
    const clock = new Int32Array(new SharedArrayBuffer(4));
    const step = 5;
    for (let waited = 0; isFull && waited < lastWait; waited = taken ? 0 : waited + step) {
      [isFull, taken] = [false, false];
      again();
      if (isFull) Atomics.wait(clock, 0, 0, step);
    }
  });
  return output;
}
