import pino, { type Logger } from 'pino';

/** JSON lines on stdout: what the log driver of the container takes. */
export function createLogger(options: {
  readonly level: string;
  /** The name of the service, such as `web`. */
  readonly service: string;
  readonly task: string;
}): Logger {
  return pino({
    level: options.level,
    base: { service: options.service, task: options.task },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}
