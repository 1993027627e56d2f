import { failureFields, foundationOf, runService } from '@packages/service';
import { readConfiguration } from './configuration.ts';
import { mostPlayedAlbums } from './report.ts';

/** Writes one report into the log and ends: with 0 when it is written, with 1 when it could not be. */
await runService('job', async () => {
  const configuration = readConfiguration(process.env);
  const { logger, database } = foundationOf(configuration, {
    service: 'job',
    appName: 'nightly-report',
    // The log is where the report goes.
    lost({ message }) {
      if (process.exitCode !== 1) console.error(`The report could not be written: ${message}`);
      process.exitCode = 1;
    },
  });
  try {
    const albums = await mostPlayedAlbums(database, configuration.REPORT_ALBUMS);
    logger.info({ albums }, 'the report');
  } catch (error) {
    logger.error(failureFields(error), 'the report could not be written');
    process.exitCode = 1;
  } finally {
    await database.drain({ timeoutMilliseconds: 2000 });
  }
});
