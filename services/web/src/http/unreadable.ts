import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { unreadable } from './failures.ts';

export interface UnreadableOptions {
  /** Headers of every answer of this service. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly logger?: Logger;
}

/**
 * Answers a request whose URL is malformed, before it reaches the app. Other errors here are not the client's fault.
 */
export function unreadableResponse(error: unknown, { headers = {}, logger }: UnreadableOptions): Response {
  const status = (error as Error).name === 'RequestError' ? 400 : 500;
  if (status === 500) logger?.error({ err: error }, 'could not answer');
  else logUnreadable(logger, status, error);
  const body = status === 400 ? problemBody(400) : undefined;
  return new Response(body ?? null, {
    status,
    headers: { ...headers, 'Cache-Control': 'no-store', 'Content-Type': 'application/problem+json' },
  });
}

const statusOf: Readonly<Record<string, 408 | 431>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
};

/** Answers input that is not HTTP, or arrives too slowly, and closes the connection. */
export function answerUnreadable(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  options: UnreadableOptions,
): void {
  const { headers = {}, logger } = options;
  // A client that has closed the connection gets no answer.
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = statusOf[error.code ?? ''] ?? 400;
  logUnreadable(logger, status, error);
  const body = problemBody(status);
  const lines = Object.entries({
    ...headers,
    'Cache-Control': 'no-store',
    'Content-Type': 'application/problem+json',
    'Content-Length': String(Buffer.byteLength(body)),
    Connection: 'close',
  }).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n'));
}

function problemBody(status: 400 | 408 | 431): string {
  const { title, detail } = unreadable(status);
  return JSON.stringify({ type: 'about:blank', title, status, detail });
}

/** The reason is a fixed text of Node.js or of hono's adapter, without anything the client sent. */
function logUnreadable(logger: Logger | undefined, status: number, error: unknown): void {
  const { code, message } = error as NodeJS.ErrnoException;
  logger?.info({ status, reason: code ?? message }, 'answered what is no request');
}
