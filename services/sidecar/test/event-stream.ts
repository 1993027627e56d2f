import type { Readable } from 'node:stream';
import type { EventName } from '../src/signals/events.ts';

/** A line of the sidecar's log. */
export interface LoggedEvent {
  readonly event: EventName;
  readonly level: string;
  readonly [field: string]: unknown;
}

/** A line in embedded metric format. */
export type LoggedMetrics = Readonly<Record<string, unknown>>;

type Match = (event: LoggedEvent) => boolean;

/** The sidecar's standard output, line by line, with a way to wait for events. */
export interface EventStream {
  readonly events: readonly LoggedEvent[];
  readonly metrics: readonly LoggedMetrics[];
  readonly text: string;
  /**
   * The next event of this name after those that earlier calls have consumed.
   * @throws Error with the last lines if it does not come in time
   */
  next(name: EventName, match?: Match): Promise<LoggedEvent>;
  /** Consumes everything so far, so that `next` waits for new events. */
  skip(): void;
}

const limitMilliseconds = 100_000;

export function eventStream(output: Readable): EventStream {
  const events: LoggedEvent[] = [];
  const metrics: LoggedMetrics[] = [];
  const listeners = new Set<() => void>();
  let text = '';
  let rest = '';
  let cursor = 0;

  output.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const entry = JSON.parse(line);
      (entry._aws ? metrics : events).push(entry);
    }
    for (const listener of listeners) {
      listener();
    }
  });

  function take(name: EventName, match: Match): LoggedEvent | undefined {
    const index = events.findIndex((event, at) => at >= cursor && event.event === name && match(event));
    if (index >= 0) {
      cursor = index + 1;
    }
    return events[index];
  }

  return {
    events,
    metrics,
    get text() {
      return text;
    },
    skip() {
      cursor = events.length;
    },
    next(name, match = () => true) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          listeners.delete(look);
          const last = text.split('\n').slice(-12).join('\n');
          reject(new Error(`No ${name} within ${limitMilliseconds / 1000} s. The log ends with:\n${last}`));
        }, limitMilliseconds);
        const look = () => {
          const found = take(name, match);
          if (found) {
            clearTimeout(timer);
            listeners.delete(look);
            resolve(found);
          }
        };
        listeners.add(look);
        look();
      });
    },
  };
}
