import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { DatabaseError, type DatabaseErrorKind } from '../music/music-database.ts';
import type { WebEnvironment } from './environment.ts';
import { type Problem, problemResponse } from './problem.ts';

/** What visitors see when the database gives no answer. Causes and remedies go only to the log. */
const databaseProblems: Readonly<Record<DatabaseErrorKind, Problem>> = {
  busy: {
    status: 503,
    title: 'Too many visitors at once',
    detail: 'Every seat is taken just now. Please try again in a moment.',
    headers: { 'Retry-After': '1' },
  },
  unavailable: {
    status: 503,
    title: 'Out of reach for the moment',
    detail: 'The music store cannot be reached right now. Please try again shortly.',
    headers: { 'Retry-After': '5' },
  },
  timeout: {
    status: 504,
    title: 'That took too long',
    detail: 'The music store did not answer in time. Please try again.',
  },
  failed: {
    status: 500,
    title: 'Something went wrong',
    detail: 'The fault is ours, and it has been noted.',
  },
};

/** For visitors who are turned away before their request reaches the app. */
export const tooManyVisitors: Problem = databaseProblems.busy;

/** For bytes that could not be read as a request. */
export function unreadable(status: 400 | 408 | 431): Problem {
  const details = {
    400: 'This was not a request that can be understood.',
    408: 'The request took too long to arrive.',
    431: 'The request has more headers than are read.',
  };
  return { status, title: 'Bad request', detail: details[status] };
}

export const notFound: Problem = {
  status: 404,
  title: 'Nothing here',
  detail: 'There is no page at this address.',
};

/** @param methods the methods that the address supports (RFC 9110, section 15.5.6) */
export function methodNotAllowedProblem(methods: readonly string[]): Problem {
  return {
    status: 405,
    title: 'Not that way',
    detail: `This address answers only to ${methods.join(' and ')}.`,
    headers: { Allow: methods.join(', ') },
  };
}

/** Handles every error that a handler throws: logs all of it, and tells the visitor only the kind of failure. */
export function failureResponse(error: Error, c: Context<WebEnvironment>): Response | Promise<Response> {
  if (error instanceof HTTPException) {
    return problemResponse(c, {
      status: error.status as Problem['status'],
      title: error.message,
      detail: error.message,
    });
  }
  const kind = error instanceof DatabaseError ? error.kind : 'failed';
  if (c.req.raw.signal.aborted) c.get('log').info({ reason: error.message }, 'the visitor has left');
  else if (kind === 'busy') c.get('log').warn({ reason: error.message }, 'turned away: the pool is full');
  else c.get('log').error(describe(error), 'could not answer');
  return problemResponse(c, databaseProblems[kind]);
}

/** The log fields for an error: for one of the database, its cause and remedy in words. */
export function describe(error: unknown): Record<string, unknown> {
  if (!(error instanceof DatabaseError)) return { err: error };
  // Without a code, this is a fault in the program and not an answer of the database; its stack shows where.
  if (error.kind === 'failed' && error.code === undefined) return { err: error.cause ?? error };
  return { kind: error.kind, code: error.code, reason: error.message, remedy: error.hint };
}
