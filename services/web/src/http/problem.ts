import { webPaths } from '@packages/contracts';
import type { Context } from 'hono';
import { accepts } from 'hono/accepts';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { errorPage } from '../views/error-page.ts';
import type { WebEnvironment } from './environment.ts';

/** An error response: what the visitor may know of it, and no more. */
export interface Problem {
  readonly status: ContentfulStatusCode;
  readonly title: string;
  /** A short text for people. */
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Answers with a problem: as a page to clients that accept HTML, otherwise as JSON (RFC 9457). The API and the probes
 * always get JSON.
 */
export function problemResponse(c: Context<WebEnvironment>, problem: Problem): Response | Promise<Response> {
  const { status, title, detail, headers } = problem;
  const requestId = c.get('requestId');
  c.header('Cache-Control', 'no-store');
  for (const [name, value] of Object.entries(headers ?? {})) c.header(name, value);
  if (wantsPage(c)) return c.html(errorPage({ status, title, detail, requestId }), status);
  return c.body(JSON.stringify({ type: 'about:blank', title, status, detail, requestId }), status, {
    'Content-Type': 'application/problem+json',
  });
}

/** The paths that programs request: the API and the probes. */
const forPrograms = ['/api', webPaths.alive, webPaths.ready, webPaths.healthy];

function wantsPage(c: Context): boolean {
  c.header('Vary', 'Accept');
  if (forPrograms.some((path) => c.req.path === path || c.req.path.startsWith(`${path}/`))) return false;
  const supports = ['text/html', 'application/json', 'application/problem+json'];
  return accepts(c, { header: 'Accept', supports, default: 'text/html' }) === 'text/html';
}
