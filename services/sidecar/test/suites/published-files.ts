import { chmod, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { containers } from '@packages/contracts';
import { execa } from 'execa';
import { describe, expect } from 'vitest';
import { parseCredentialCache } from '../../src/kerberos/credential-cache.ts';
import { acceptContext, initiateContext } from '../security-context.ts';
import { makeFolders } from '../sidecar-process.ts';
import { test as base } from '../sidecar-test.ts';
import { spn } from '../test-domain.ts';

/** All tests share one `user`. */
const test = base.extend('user', { scope: 'file' }, ({ directory }) => directory.user('db-user'));

export const publishedFileTests = () =>
  describe('publishes files that', () => {
    test('are a cache with the service ticket alone, its status, and krb5.conf, for the group to read', async ({
      user,
      start,
    }) => {
      const running = await start({ user, name: 'content', environment: { RENEW_AT: '0.9' } });
      const status = await running.state('healthy');
      expect(status).toMatchObject({
        principal: `${user}@CORP.EXAMPLE.COM`,
        spn,
        generation: 1,
        lastError: null,
      });
      expect(status.encryptionType).toBe('aes256-cts-hmac-sha1-96');
      expect(Date.parse(status.endsAt ?? '') - Date.parse(status.startsAt ?? '')).toBeLessThanOrEqual(61_000);

      const cache = await readFile(join(running.shared, 'krbcache'));
      const { tickets } = parseCredentialCache(cache);
      expect(tickets.map(({ server }) => server)).toEqual([`${spn}@CORP.EXAMPLE.COM`]);
      // Not FORWARDABLE, PROXIABLE, MAY-POSTDATE or RENEWABLE, although the TGT is renewable.
      expect(flagsOf(cache) & 0x5480_0000).toBe(0);
      expect(flagsOf(await readFile(join(running.privateDirectory, 'tgt'))) & 0x0080_0000).not.toBe(0);
      for (const name of ['krbcache', 'ticket.json', 'krb5.conf']) {
        const { mode, uid, gid } = await stat(join(running.shared, name));
        expect({ name, mode: mode & 0o777, uid, gid }).toEqual({
          name,
          mode: 0o640,
          uid: containers.sidecar.user.uid,
          gid: containers.web.user.gid,
        });
      }
      expect(await running.health()).toEqual({
        exitCode: 0,
        line: `healthy: the ticket ends at ${status.endsAt}`,
      });
    });

    test.for([
      'MSSQLSvc/Music-DB.Corp.Example.COM:1433',
      'MSSQLSvc/music-db.corp.example.com:1433@corp.example.com',
    ])('let a reader in when SQL_SPN is %s', async (SQL_SPN, { directory, user, start }) => {
      const name = SQL_SPN.replaceAll(/\W/g, '-');
      const running = await start({ user, name, environment: { SQL_SPN } });
      await running.state('healthy');
      expect((await running.health()).exitCode).toBe(0);
      const token = await initiateContext(running.shared, spn);
      expect(await acceptContext(directory, spn, directory.keytab, token)).toBe(`${user}@CORP.EXAMPLE.COM`);
    });

    test('hold the TGT as well in mode tgt, and a new one at each renewal', async ({
      user,
      start,
      expect,
    }) => {
      const environment = { TICKET_MODE: 'tgt', TGT_LIFETIME: '125', RENEW_AT: '0.05' };
      const running = await start({ user, name: 'tgt', environment });
      await running.state('healthy');
      const cache = () => readFile(join(running.shared, 'krbcache'));
      const first = parseCredentialCache(await cache());
      expect(first.tickets.map(({ server }) => server).sort()).toEqual([
        `${spn}@CORP.EXAMPLE.COM`,
        'krbtgt/CORP.EXAMPLE.COM@CORP.EXAMPLE.COM',
      ]);
      await running.next('ticket.published');
      await expect
        .poll(async () => parseCredentialCache(await cache()).tickets[0]?.endsAt)
        .not.toEqual(first.tickets[0]?.endsAt);
    });

    test('are renewed automatically dozens of times in a minute, without a failure', async ({
      user,
      start,
    }) => {
      const environment = { TICKET_LIFETIME: '40', RENEW_AT: '0.05' };
      const running = await start({ user, name: 'short', environment });
      await running.state('healthy');
      let endsAt = 0;
      for (let renewal = 0; renewal < 24; renewal++) {
        const published = await running.next('ticket.published');
        expect(Date.parse(published.endsAt as string)).toBeGreaterThanOrEqual(endsAt);
        endsAt = Date.parse(published.endsAt as string);
      }
      expect(running.events.filter(({ event }) => event === 'state.changed').map(({ to }) => to)).toEqual([
        'starting',
        'healthy',
      ]);
      expect(running.text).not.toContain('renewal-failed');
    });

    test('are never missing or half-written while tickets are renewed dozens of times', async ({
      user,
      start,
      expect,
    }) => {
      // No ticket is renewed except on request.
      const environment = { TICKET_LIFETIME: '3600', TGT_LIFETIME: '36000' };
      const running = await start({ user, name: 'renewals', environment });
      await running.state('healthy');
      let renewing = true;
      let looks = 0;
      const reader = (async () => {
        while (renewing) {
          const [cache, status] = await Promise.all([
            readFile(join(running.shared, 'krbcache')),
            running.status(),
          ]);
          expect(parseCredentialCache(cache).tickets).toHaveLength(1);
          expect(status).toMatchObject({ state: 'healthy', spn });
          looks += 1;
        }
      })();
      for (let renewal = 0; renewal < 24; renewal++) {
        running.signal('SIGHUP');
        await running.next('ticket.published');
      }
      renewing = false;
      await reader;
      expect(looks).toBeGreaterThan(24);
      await expect.poll(async () => (await running.status()).generation).toBe(25);
    });

    test.for([
      ['deleted', 'missing', (path: string) => rm(path)],
      ['truncated', 'altered', (path: string) => truncate(path, 100)],
      ['filled with noise', 'altered', (path: string) => writeFile(path, Buffer.alloc(1500, 0xa5))],
      ['made unreadable', 'unreadable', (path: string) => chmod(path, 0)],
    ] as const)('are made again when the cache is %s', async ([manner, damage, harm], { user, start }) => {
      const running = await start({ user, name: manner });
      await running.next('state.changed', ({ to }) => to === 'healthy');
      const path = join(running.shared, 'krbcache');
      const whole = await readFile(path);
      await harm(path);
      expect(await running.next('file.restored')).toMatchObject({ path, damage, level: 'warn' });
      expect(await readFile(path)).toEqual(whole);
      expect((await stat(path)).mode & 0o777).toBe(0o640);
      expect((await running.health()).exitCode).toBe(0);
    });

    test('are made again when krb5.conf and the status are deleted', async ({ user, start }) => {
      const running = await start({ user, name: 'others' });
      await running.state('healthy');
      for (const name of ['krb5.conf', 'ticket.json']) {
        await rm(join(running.shared, name));
        await running.next('file.restored', ({ path }) => path === join(running.shared, name));
        await stat(join(running.shared, name));
      }
    });

    test('stay as they are in a folder that the sidecar may no longer write to: degraded, and healthy when it may', async ({
      user,
      start,
    }) => {
      const running = await start({ user, name: 'forbidden' });
      await running.state('healthy');
      const { mode } = await stat(running.shared);
      await chmod(running.shared, 0o2550);
      running.signal('SIGHUP');
      expect(await running.next('ticket.renewal-failed')).toMatchObject({ code: 'no-permission' });
      expect((await running.status()).generation).toBe(1);
      await chmod(running.shared, mode & 0o7777);
      await running.next('ticket.published');
      await running.state('healthy');
    });

    test('stay as they are on a full disk: degraded, which is still reported, and healthy when there is room', async ({
      directory,
      user,
      start,
    }) => {
      const { shared } = await makeFolders(directory, 'full');
      const { uid, gid } = { uid: containers.sidecar.user.uid, gid: containers.web.user.gid };
      await execa('mount', [
        '-t',
        'tmpfs',
        '-o',
        `size=64k,mode=2750,uid=${uid},gid=${gid}`,
        'tmpfs',
        shared,
      ]);
      try {
        const running = await start({ user, name: 'full' });
        await running.state('healthy');
        const filler = join(shared, 'filler');
        await expect(writeFile(filler, Buffer.alloc(1_000_000))).rejects.toThrow('ENOSPC');
        try {
          running.signal('SIGHUP');
          const degraded = await running.state('degraded');
          expect(degraded).toMatchObject({ generation: 1, lastError: { code: 'disk-full' } });
          expect((await running.health()).exitCode).toBe(0);
        } finally {
          await rm(filler);
        }
        expect(await running.state('healthy')).toMatchObject({ generation: 2, lastError: null });
        await running.stop();
      } finally {
        await execa('umount', ['-l', shared]);
      }
    });
  });

/** Flags of the first ticket of a cache. */
function flagsOf(cache: Buffer): number {
  return cache.readUInt32BE(parseCredentialCache(cache).tickets[0]?.position.flags);
}
