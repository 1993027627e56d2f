import { alarmingLines } from '@packages/contracts';
import type { TicketStatus } from '@packages/service';
import { Hono } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { requestId } from 'hono/request-id';
import type { Logger } from 'pino';
import type { WebEnvironment } from './http/environment.ts';
import { describe, failureResponse, methodNotAllowedProblem, notFound } from './http/failures.ts';
import { problemResponse } from './http/problem.ts';
import { requestLog } from './http/request-log.ts';
import { securityHeaders } from './http/security-headers.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { MusicDatabase } from './music/music-database.ts';
import { createReadiness } from './readiness.ts';
import { apiRoutes } from './routes/api.ts';
import { assetRoutes } from './routes/asset-routes.ts';
import { healthRoutes } from './routes/health.ts';
import { pageRoutes } from './routes/page.ts';

export interface AppOptions {
  readonly database: MusicDatabase;
  readonly ticket: () => Promise<TicketStatus>;
  readonly logger: Logger;
  readonly lifecycle: Readonly<Lifecycle>;
  /** Sent as `X-Task`, to show which task answered. */
  readonly task: string;
  /** How long the database may take to answer a readiness check, in seconds. */
  readonly readinessTimeoutSeconds: number;
  /** Whether visitors may read the account's name. Default: false. */
  readonly showLogin?: boolean;
}

/**
 * The web service without a port: turns a request into a response. All its dependencies are passed in.
 *
 * @example
 * const response = await createApp(options).request('/api/albums?count=3');
 */
export function createApp(options: AppOptions): Hono<WebEnvironment> {
  const { database, ticket, logger, lifecycle, task, readinessTimeoutSeconds, showLogin = false } = options;
  const readiness = createReadiness({
    database,
    ticket,
    lifecycle,
    timeoutSeconds: readinessTimeoutSeconds,
    onUnreachable: (error) => logger.error(describe(error), alarmingLines.databaseUnreachable),
  });

  const app = new Hono<WebEnvironment>();
  app.use(requestId({ limitLength: 64 }));
  app.use(requestLog(logger));
  app.use(securityHeaders);
  app.use(async (c, next) => {
    await next();
    c.res.headers.set('X-Task', task);
    // A kept-alive connection would outlive the port, so the client must come back over a new one.
    if (lifecycle.draining) c.res.headers.set('Connection', 'close');
  });
  app.use(
    methodNotAllowed<WebEnvironment>({
      app,
      onMethodNotAllowed: (c, methods) => problemResponse(c, methodNotAllowedProblem(methods)),
    }),
  );

  app.route('/', pageRoutes({ database, ticket, task, showLogin }));
  app.route('/api', apiRoutes({ database, ticket, showLogin }));
  app.route('/', healthRoutes(readiness));
  app.route('/', assetRoutes());
  app.notFound((c) => problemResponse(c, notFound));
  app.onError(failureResponse);
  return app;
}
