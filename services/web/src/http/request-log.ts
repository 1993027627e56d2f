import { webPaths } from '@packages/contracts';
import { createMiddleware } from 'hono/factory';
import type { Logger } from 'pino';
import type { WebEnvironment } from './environment.ts';

/** The load balancer asks these every few seconds: their lines are of interest only when they tell of trouble. */
const probes = new Set<string>([webPaths.alive, webPaths.ready, webPaths.healthy]);

/** `X-Amzn-Trace-Id` as an AWS load balancer writes it; anything else is not worth a place in the log. */
const traceId = /^[\w=;:-]{1,256}$/;

/**
 * Writes one line a request when it is answered, with its id, and gives handlers a logger that adds that id.
 * Query strings and headers stay out of the log: nobody can say what visitors put there.
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
