import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ConfigurationError } from '@packages/contracts';
import { createLogger, readCertificateAuthorities, readTicketStatus } from '@packages/service';
import closeWithGrace from 'close-with-grace';
import { createApp } from './app.ts';
import { readConfiguration } from './configuration.ts';
import { describe, tooManyVisitors } from './http/failures.ts';
import { readyAnswers } from './http/ready-answers.ts';
import { securityHeaderValues } from './http/security-headers.ts';
import type { Lifecycle } from './lifecycle.ts';
import { createSqlMusicDatabase } from './music/sql-music-database.ts';
import { Admission } from './overload/admission.ts';
import { doorkeeper } from './overload/doorkeeper.ts';
import { eventLoopLag } from './overload/event-loop-lag.ts';
import { startServer } from './server.ts';

try {
  await main();
} catch (error) {
  console.error(startFailure(error));
  process.exit(1);
}

/** Starts the service from the environment, and shuts it down after a signal. */
async function main(): Promise<void> {
  const configuration = readConfiguration(process.env);
  const authorities = readCertificateAuthorities(configuration, configuration.SQL_TLS_NAME);
  const task = configuration.TASK_NAME ?? randomBytes(4).toString('hex');
  const logger = createLogger({ level: configuration.LOG_LEVEL, service: 'web', task });
  const lifecycle: Lifecycle = { draining: false };
  const database = createSqlMusicDatabase(configuration, authorities);
  const app = createApp({
    database,
    ticket: () => readTicketStatus(configuration.TICKET_STATUS_FILE),
    logger,
    lifecycle,
    task,
    readinessTimeoutSeconds: configuration.READINESS_TIMEOUT_SECONDS,
    showLogin: configuration.SHOW_LOGIN === 'true',
  });
  const headers = { ...(await securityHeaderValues()), 'X-Task': task };
  const { POOL_MAX, POOL_QUEUE_MAX } = configuration;
  const most = POOL_MAX + POOL_QUEUE_MAX;
  const admission = new Admission({ least: Math.min(POOL_MAX * 5, most), most, lag: eventLoopLag() });
  const refusal = await readyAnswers(tooManyVisitors, headers);
  const server = await startServer({
    fetch: app.fetch,
    host: configuration.HOST,
    port: configuration.PORT,
    headers,
    logger,
    guard: (listener) => doorkeeper({ admission, logger, refusal }, listener),
  });
  logger.info({ host: configuration.HOST, port: server.port }, 'listening');

  const { DRAIN_SECONDS, SHUTDOWN_SECONDS } = configuration;
  const spare = SHUTDOWN_SECONDS - DRAIN_SECONDS;
  closeWithGrace(
    {
      delay: SHUTDOWN_SECONDS * 1000,
      logger: false,
      onTimeout: () => logger.error({ seconds: SHUTDOWN_SECONDS }, 'ended before everything was closed'),
    },
    async ({ signal, err }) => {
      lifecycle.draining = true;
      if (err) logger.fatal({ err }, 'ending after an error that nothing handled');
      else logger.info({ signal, seconds: DRAIN_SECONDS }, 'draining: no longer ready, still answering');
      // Requests keep arriving until the load balancer has seen that this task is no longer ready.
      if (!err) await delay(DRAIN_SECONDS * 1000);
      await server.close(spare * 0.7);
      await database.close(spare * 0.2);
      logger.info('closed');
    },
  );

  // Log in before the first visitor comes, so that a problem is reported once, at the top of the log.
  await database.ping().then(
    () => logger.info('the database answers'),
    (error) => logger.error(describe(error), 'the database cannot be reached yet'),
  );
}

function startFailure(error: unknown): string {
  if (error instanceof ConfigurationError) return error.message;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return 'The port is taken: set PORT to a free one, or end what listens there.';
  if (code === 'EADDRNOTAVAIL') return 'HOST is not an address of this machine.';
  if (code === 'EACCES') return 'This user may not listen on the port: set PORT to 1024 or above.';
  return `The web service could not start: ${message}`;
}
