// A process like the web service, with the same pool, that only queries the database for albums.
import { readCertificateAuthorities } from '@packages/service';
import { createSqlMusicDatabase, readConfiguration } from '../../../services/web/src/index.ts';

const configuration = readConfiguration(process.env);
const database = createSqlMusicDatabase(
  configuration,
  readCertificateAuthorities(configuration, configuration.SQL_TLS_NAME),
);
await database.ping();

process.on('message', async ({ count, callers }: { count: number; callers: number }) => {
  let left = count;
  const caller = async () => {
    while (left > 0) {
      left -= 1;
      await database.randomAlbums(5);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  process.send?.('done');
});
process.once('disconnect', () => process.exit());
process.send?.('ready');
