import { logKeys } from '@packages/contracts';
import { type EventName, events } from './events.ts';

/**
 * Writes one JSON line: `level`, `time`, `service`, `event`, the fields, `message`. Fields must not contain secrets.
 */
export type Log = (event: EventName, fields?: Readonly<Record<string, unknown>>) => void;

const levels = ['debug', 'info', 'warn', 'error'];

// If the reader of the log goes away, keep renewing tickets.
process.stdout.on('error', () => {});

/** Writes a complete line to standard output, like the log. */
export function writeLine(line: string): void {
  // Pipes and files are written synchronously on Linux (Node.js, "A note on process I/O").
  process.stdout.write(line);
}

/**
 * A log on standard output; each line is written before the call returns.
 * @param level the lowest level to write: `debug`, `info`, `warn` or `error`; any other name counts as `info`
 */
export function createLog(serviceName: string, level = 'info'): Log {
  const lowest = levels.indexOf(levels.includes(level) ? level : 'info');
  return (event, fields = {}) => {
    const { level: own, message } = events[event];
    if (levels.indexOf(own) >= lowest) {
      const time = new Date().toISOString();
      writeLine(
        `${JSON.stringify({ level: own, time, service: serviceName, [logKeys.event]: event, ...fields, message })}\n`,
      );
    }
  };
}
