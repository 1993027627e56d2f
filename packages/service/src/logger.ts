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
const kept = 1_048_576;

/**
 * JSON lines on stdout: what the log driver of the container takes. Lines that cannot be written end nothing: pino's own
 * output would throw in the middle of anything, and try for ever when the process ends.
 */
export function createLogger({ level, service, task, lost = () => {} }: LoggerOptions): Logger {
  const output = pino.destination({ dest: 1, sync: true, maxLength: kept });
  output.on('error', lost);
  return pino(
    {
      level,
      base: { service, task },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    output,
  );
}
