import { musicStoreScripts, splitBatches } from '@services/provisioning';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { administer } from '../../local/database/administer.ts';
import {
  startSqlServerWithoutDomain,
  type TestDatabase,
} from '../../local/testing/sql-server-without-domain.ts';
import { mostPlayedAlbums } from '../../services/job/src/report.ts';
import { countPlays } from '../../services/worker/src/play-counts.ts';

let server: TestDatabase;
const run = (...batches: readonly string[]) => administer(server, ['USE [Music]', ...batches]);
/**
 * The database of worker and job without their logins. Their parameters are numbers, so they can be put into the text.
 */
const database = {
  query: async (sql: string, parameters: Readonly<Record<string, number>> = {}) => ({
    rows: await run(sql.replaceAll(/@(\w+)/g, (_, name) => String(parameters[name]))),
  }),
} as unknown as Parameters<typeof countPlays>[0];

beforeAll(async () => {
  // Its database has the same name as the real one, so it must not be created on a shared server.
  server = await startSqlServerWithoutDomain({ standIn: true });
  const batches = (await musicStoreScripts()).flatMap(({ name, text }) => splitBatches(name, text));
  await administer(server, ['CREATE DATABASE [Music]']);
  await run(...batches.map(({ sql }) => sql));
});
afterAll(() => server.stop());

test('the worker and the job use tables and columns that the scripts create', async () => {
  expect(await countPlays(database)).toBe(6);
  expect(await countPlays(database)).toBe(0);
  await run('INSERT INTO dbo.Play (AlbumId) VALUES (1)');
  expect(await countPlays(database)).toBe(1);
  expect((await mostPlayedAlbums(database, 2)).map(({ plays }) => plays)).toEqual([4, 4]);
});
