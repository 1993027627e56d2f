import { randomBytes } from 'node:crypto';
import { ConfigurationError } from '@packages/contracts';
import { createLogger, openDatabase, readCertificateAuthorities } from '@packages/service';
import { readConfiguration } from './configuration.ts';
import { mostPlayedAlbums } from './report.ts';

try {
  await main();
} catch (error) {
  console.error(
    error instanceof ConfigurationError
      ? error.message
      : `The job could not start: ${(error as Error).message}`,
  );
  process.exit(1);
}

/** Writes one report into the log and ends: with 0 when it is written, with 1 when it could not be. */
async function main(): Promise<void> {
  const configuration = readConfiguration(process.env);
  const authorities = readCertificateAuthorities(configuration, configuration.SQL_TLS_NAME);
  const task = configuration.TASK_NAME ?? randomBytes(4).toString('hex');
  const logger = createLogger({
    ...{ level: configuration.LOG_LEVEL, service: 'job', task },
    // The log is where the report goes.
    lost({ message }) {
      if (process.exitCode !== 1) console.error(`The report could not be written: ${message}`);
      process.exitCode = 1;
    },
  });
  const database = openDatabase(configuration, authorities, 'nightly-report');
  try {
    const albums = await mostPlayedAlbums(database, configuration.REPORT_ALBUMS);
    logger.info({ albums }, 'the report');
  } catch (error) {
    const { code, number, message, hint } = error as Error & {
      code?: string;
      number?: number;
      hint?: string;
    };
    logger.error({ code, number, reason: message, remedy: hint }, 'the report could not be written');
    process.exitCode = 1;
  } finally {
    await database.drain({ timeoutMilliseconds: 2000 });
  }
}
