import { rename, rm } from 'node:fs/promises';
import { sharedFolder } from '@packages/contracts';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ServiceProcess } from '../../local/testing/service-process.ts';
import { type ServicesSite, startServicesSite } from './services-site.ts';

let services: ServicesSite;
beforeAll(async () => {
  services = await startServicesSite();
});
afterAll(() => services?.dispose());

const asAdministrator = (sql: string) => services.sqlServer.administer('USE Music', sql);
const counted = (album: number) =>
  services.as('job', `SELECT AlbumId, Plays FROM dbo.PlayCount WHERE AlbumId >= ${album}`);
const quick = { ROUND_SECONDS: '0.2', HEALTH_PORT: '0', CONNECT_TIMEOUT_SECONDS: '5' };
const often = { interval: 20 };
/** A service's log lines with a code, each with its message. */
const failures = ({ log }: ServiceProcess) => log.filter(({ code }) => code !== undefined);

async function ends(worker: ServiceProcess): Promise<void> {
  worker.signal('SIGTERM');
  expect(await worker.exited).toBe(0);
  expect(worker.errors()).toBe('');
}

describe('A service loses what it depends on while it works:', () => {
  test("the worker's ticket and connection: it logs this, and continues as soon as there is a ticket", async () => {
    const worker = services.start('worker', quick);
    await worker.logged('counted');
    const { cache } = sharedFolder(services.folder('worker'));
    await rename(cache, `${cache}.away`);
    await services.sqlServer.interrupt();
    await services.sqlServer.start();
    await expect
      .poll(() => failures(worker).at(-1), often)
      .toMatchObject({
        code: 'CCACHE_NOT_FOUND',
        reason: expect.stringContaining(cache),
        remedy: expect.any(String),
      });
    await rename(`${cache}.away`, cache);
    await asAdministrator('INSERT INTO dbo.Play (AlbumId) VALUES (34)');
    await expect.poll(() => counted(34), often).toEqual([{ AlbumId: 34, Plays: 1 }]);
    await ends(worker);
  });

  test('SQL Server, while the worker writes: the next round writes what is missing', async () => {
    const albums = Array.from({ length: 400 }, (_, index) => 1000 + index);
    await asAdministrator(
      `INSERT INTO dbo.Album (AlbumId, Title, ArtistId, ReleaseYear) VALUES ${albums.map((album) => `(${album}, N'New', 1, 2000)`)}`,
    );
    await asAdministrator(`INSERT INTO dbo.Play (AlbumId) VALUES ${albums.map((album) => `(${album})`)}`);
    const worker = services.start('worker', quick);
    await expect.poll(async () => (await counted(1000)).length, { interval: 1 }).toBeGreaterThan(0);
    await services.sqlServer.interrupt();
    await expect.poll(() => failures(worker).length, often).toBeGreaterThan(0);
    await services.sqlServer.start();
    await expect.poll(() => counted(1000), often).toEqual(albums.map((AlbumId) => ({ AlbumId, Plays: 1 })));
    await ends(worker);
  });

  test("the job's ticket: it exits with 1 and logs whether the ticket expired or never existed", async () => {
    const { site } = services;
    const { cache } = sharedFolder(services.folder('job'));
    await rename(cache, `${cache}.away`);
    try {
      const without = services.start('job', quick);
      expect(await without.logged('the report could not be written')).toMatchObject({
        code: 'CCACHE_NOT_FOUND',
        remedy: expect.any(String),
      });
      expect(await without.exited).toBe(1);
      await rename(await site.kinit('short', { service: site.spn, lifetime: 2 }), cache);
      const isOver = async () =>
        (await execa('klist', ['-s', '-c', cache], { reject: false })).exitCode === 1;
      await expect.poll(isOver, often).toBe(true);
      const late = services.start('job', quick);
      expect(await late.logged('the report could not be written')).toMatchObject({
        code: 'TICKET_EXPIRED',
        remedy: expect.any(String),
      });
      expect(await late.exited).toBe(1);
      expect(late.errors()).toBe('');
    } finally {
      await rm(cache, { force: true });
      await rename(`${cache}.away`, cache);
    }
  });
});
