import { failureFields, foundationOf, runService } from '@packages/service';
import { readConfiguration } from './configuration.ts';
import { mostPlayedAlbums } from './report.ts';

/** Writes one report to the log and exits, with 0 on success and with 1 if it could not be written. */
await runService('job', async () => {
  const configuration = readConfiguration(process.env);
  const { logger, database } = foundationOf(configuration, {
    service: 'job',
    appName: 'nightly-report',
    // The report goes to the log, so without the log there is no report.
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
