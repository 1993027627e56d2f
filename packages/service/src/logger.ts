import { logKeys } from '@packages/contracts';
import pino, { type Logger } from 'pino';

export interface LoggerOptions {
  readonly level: string;
  /** The name of the service, such as `web`. */
  readonly service: string;
  readonly task: string;
  /** Called when lines cannot be written, for example because the disk is full or the reader has gone. */
  readonly lost?: (error: Error) => void;
}

/** Maximum size of the buffer for lines that cannot be written yet, in bytes. Further lines are dropped. */
const kept = 8 * 1_048_576;
/** Milliseconds before another attempt to write to a full pipe. */
const retryAfter = 50;
/** How long a stalled reader may delay the end of the process, in milliseconds. */
const lastWait = 1000;

/**
 * Logs JSON lines to stdout, for the container's log driver. A stalled reader does not block the service, and delays its end
 * only briefly: lines that cannot be written are buffered and, if there are too many, dropped. Pino's own output would throw
 * in the middle of other work, wait for a stalled reader, or retry forever when the process ends.
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
  // Makes Node.js open stdout, which sets a pipe to non-blocking (EAGAIN when full). Otherwise writes would block.
  void process.stdout;
  const output = pino.destination({ dest: 1, sync: true, maxLength: kept, retryEAGAIN: () => false });
  // Any write, even an empty one, first writes what is buffered.
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
