import { foundationOf, runService } from '@packages/service';
import { readConfiguration } from './configuration.ts';
import { describeFailure } from './failed-round.ts';
import { startHealthServer, watchRounds } from './health-server.ts';
import { countPlays } from './play-counts.ts';
import { rounds } from './rounds.ts';

/** From the environment to rounds of work, and, at a signal, from there to the end of the process. */
await runService('worker', async () => {
  const configuration = readConfiguration(process.env);
  const { logger, database } = foundationOf(configuration, {
    service: 'worker',
    appName: 'play-counts',
  });
  const end = new AbortController();
  const watch = watchRounds(configuration.ROUND_SECONDS);
  const health = await startHealthServer(configuration.HEALTH_PORT, watch.isAlive);
  logger.info({ healthPort: health.port }, 'working');

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      logger.info({ signal }, 'ending: no more rounds');
      end.abort();
      setTimeout(() => {
        logger.error('ended before the round was over');
        process.exit(1);
      }, configuration.SHUTDOWN_SECONDS * 1000).unref();
    });
  }
  await rounds({
    restSeconds: configuration.ROUND_SECONDS,
    signal: end.signal,
    async work() {
      watch.begin();
      const changed = await countPlays(database);
      logger.info({ changed }, 'counted');
    },
    failed(error) {
      const { fields, line } = describeFailure(error);
      logger.error(fields, line);
    },
  });
  await database.drain({ timeoutMilliseconds: 2000 });
  health.close();
  logger.info('closed');
});
