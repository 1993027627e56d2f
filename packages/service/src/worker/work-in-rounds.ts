import { type Foundation, type FoundationOptions, foundationOf } from '../program.ts';
import { describeFailure } from './failed-round.ts';
import { startHealthServer, watchRounds } from './health-server.ts';
import { rounds } from './rounds.ts';
import type { WorkerSettings } from './settings.ts';

export interface WorkOptions extends Pick<FoundationOptions, 'service' | 'appName'> {
  /** The work of one round. It must end on its own; if it is interrupted, the next round must complete its work. */
  readonly round: (foundation: Foundation) => Promise<void>;
}

/**
 * Runs a worker: rounds of work until SIGTERM or SIGINT, after which the current round is finished. In the meantime it
 * answers the health command, and logs failed rounds in the words that the alarm counts. If the last round takes longer than
 * SHUTDOWN_SECONDS, the process exits with 1.
 *
 * @throws Error if the authorities cannot be read, or the port of the health command is in use
 */
export async function workInRounds(
  settings: WorkerSettings,
  { round, ...options }: WorkOptions,
): Promise<void> {
  const { logger, database } = foundationOf(settings, options);
  const end = new AbortController();
  const watch = watchRounds(settings.ROUND_SECONDS);
  const health = await startHealthServer(settings.HEALTH_PORT, watch.isAlive);
  logger.info({ healthPort: health.port }, 'working');

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      logger.info({ signal }, 'ending: no more rounds');
      end.abort();
      setTimeout(() => {
        logger.error('ended before the round was over');
        process.exit(1);
      }, settings.SHUTDOWN_SECONDS * 1000).unref();
    });
  }
  await rounds({
    restSeconds: settings.ROUND_SECONDS,
    signal: end.signal,
    async work() {
      watch.begin();
      await round({ logger, database });
    },
    failed(error) {
      const { fields, line } = describeFailure(error);
      logger.error(fields, line);
    },
  });
  await database.drain({ timeoutMilliseconds: 2000 });
  health.close();
  logger.info('closed');
}
