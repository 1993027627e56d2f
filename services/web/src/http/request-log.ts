import { webPaths } from '@packages/contracts';
import { createMiddleware } from 'hono/factory';
import type { Logger } from 'pino';
import type { WebEnvironment } from './environment.ts';

/** The load balancer requests these every few seconds, so only failures are logged above `debug`. */
const probes = new Set<string>([webPaths.alive, webPaths.ready, webPaths.healthy]);

/** The form of `X-Amzn-Trace-Id` from an AWS load balancer; other values are not logged. */
const traceId = /^[\w=;:-]{1,256}$/;

/**
 * Logs one line per answered request, with its id, and gives handlers a logger that adds that id. Does not log query
 * strings and headers, because visitors can put anything there.
 */
export function requestLog(logger: Logger) {
  return createMiddleware<WebEnvironment>(async (c, next) => {
    const start = performance.now();
    const trace = c.req.header('x-amzn-trace-id');
    const log = logger.child({
      requestId: c.get('requestId'),
      ...(trace && traceId.test(trace) ? { trace } : {}),
    });
    c.set('log', log);
    log.trace({ method: c.req.method, path: c.req.path }, 'arrived');
    await next();
    const { status } = c.res;
    const level = status >= 500 ? 'warn' : probes.has(c.req.path) ? 'debug' : 'info';
    const milliseconds = Math.round((performance.now() - start) * 10) / 10;
    log[level]({ method: c.req.method, path: c.req.path, status, milliseconds }, 'answered');
  });
}
