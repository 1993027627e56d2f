import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { ReadyAnswer, ReadyAnswers } from '../http/ready-answers.ts';
import type { Admission } from './admission.ts';

export interface DoorkeeperOptions {
  readonly admission: Admission;
  readonly logger: Logger;
  /** The answer for requests that are turned away. */
  readonly refusal: ReadyAnswers;
}

type Listener = (incoming: IncomingMessage, outgoing: ServerResponse) => unknown;

/**
 * Runs before everything else, because turning a request away must cost next to nothing: under eight times the load
 * that the service can bear, seven of eight requests are turned away. Logs their number, in one line a second.
 */
export function doorkeeper({ admission, logger, refusal }: DoorkeeperOptions, listener: Listener): Listener {
  const page = rawAnswer(refusal.page);
  const json = rawAnswer(refusal.json);
  let turnedAway = 0;

  function turnAway(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { headers, body } = wantsPage(incoming) ? page : json;
    outgoing.writeHead(refusal.status, headers);
    outgoing.end(incoming.method === 'HEAD' ? undefined : body);
    turnedAway += 1;
    if (turnedAway === 1) setTimeout(report, 1000).unref();
  }

  function report(): void {
    logger.warn(
      { requests: turnedAway, inside: admission.inside, limit: admission.limit },
      'turned away: too many at once',
    );
    turnedAway = 0;
  }

  return (incoming, outgoing) => {
    if (!asksTheDatabase(incoming)) return listener(incoming, outgoing);
    const leave = admission.enter();
    if (!leave) {
      turnAway(incoming, outgoing);
      return undefined;
    }
    outgoing.once('close', leave);
    return listener(incoming, outgoing);
  };
}

function asksTheDatabase({ url = '', method }: IncomingMessage): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  return url === '/' || url.startsWith('/?') || url.startsWith('/api/');
}

function wantsPage({ url = '', headers }: IncomingMessage): boolean {
  return !url.startsWith('/api/') && (headers.accept ?? '').includes('text/html');
}

function rawAnswer({ headers, body }: ReadyAnswer) {
  // A string body is sent in one piece with the headers.
  return {
    body,
    headers: [...Object.entries(headers).flat(), 'Content-Length', String(Buffer.byteLength(body))],
  };
}
