import { readEnvironment } from '@packages/contracts';
import { runService } from '@packages/service';
import { workerEnvironmentSchema, workInRounds } from '@packages/service/worker';
import { countPlays } from './play-counts.ts';

/** Counts plays in rounds, as the environment configures it, until a signal ends the process. */
await runService('worker', async () => {
  const settings = readEnvironment(workerEnvironmentSchema, process.env);
  await workInRounds(settings, {
    service: 'worker',
    appName: 'play-counts',
    async round({ database, logger }) {
      const changed = await countPlays(database);
      logger.info({ changed }, 'counted');
    },
  });
});
