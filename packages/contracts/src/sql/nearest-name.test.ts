import { expect, test } from 'vitest';
import { nearestName } from './nearest-name.ts';

const roles = ['db_datareader', 'db_datawriter', 'db_ddladmin', 'album_reader', 'x'];

test.each([
  ['db_datareder', 'db_datareader'],
  ['db_datawirter', 'db_datawriter'],
  ['db_datawriterr', 'db_datawriter'],
  ['DB_DataReader', 'db_datareader'],
  ['dbdatareader', 'db_datareader'],
  ['albumreader', 'album_reader'],
  ['album_readers', 'album_reader'],
  ['db_ddladmn', 'db_ddladmin'],
  ['db_executor', undefined],
  ['reader', undefined],
  ['publisher', undefined],
  ['y', undefined],
  ['', undefined],
])('%s is meant for %s', (name, nearest) => {
  expect(nearestName(name, roles)).toBe(nearest);
});
