import pino from 'pino';
import { type EventName, events } from './events.ts';

/** Writes one JSON line: `time`, `level`, `service`, `event`, `message`, and the fields. Fields hold no secret. */
export type Log = (event: EventName, fields?: Readonly<Record<string, unknown>>) => void;

const output = pino.destination({ dest: 1, sync: true });

/** Writes a finished line to the same place as the log. */
export function writeLine(line: string): void {
  output.write(line);
}

/** A log on standard output, each line written before the call returns. */
export function createLog(serviceName: string, level = 'info'): Log {
  const logger = pino(
    {
      level,
      base: { service: serviceName },
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    output,
  );
  return (event, fields = {}) => {
    const { level, message } = events[event];
    logger[level]({ event, ...fields }, message);
  };
}
