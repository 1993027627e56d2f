import type { TicketStatus } from '@packages/service';
import { expect, test } from 'vitest';
import { goodTicket, scriptedApp } from '../../test/web-app.ts';
import type { Album } from '../music/music-database.ts';
import { albumCover } from './album-cover.ts';

async function page(options: { albums?: readonly Album[]; login?: string; ticket?: TicketStatus } = {}) {
  const { albums, login = 'CORP\\db-user', ticket = goodTicket } = options;
  const { app } = scriptedApp({
    database: {
      session: async () => ({ login, scheme: 'KERBEROS' }),
      ...(albums ? { randomAlbums: async () => albums } : {}),
    },
    ticket,
    showLogin: true,
  });
  return (await app.request('/')).text();
}

test('content of the database is shown as text, whatever it is', async () => {
  const hostile = '<img src=x onerror=alert(1)>"\'&';
  const html = await page({
    albums: [{ id: 1, title: hostile, artist: hostile }],
    login: `CORP\\${hostile}`,
  });
  expect(html).not.toContain('<img src=x');
  expect(html.match(/&lt;img src=x onerror=alert\(1\)&gt;&quot;&#39;&amp;/g)).toHaveLength(3);
});

test('the ticket, as long as it lives', async () => {
  expect(await page()).toContain('Lives for another 8 h <small>until <time datetime="');
});

test.for([
  ['expired', { ...goodTicket, state: 'expired', remainingSeconds: 0 }, 'Expired</span> <small>on '],
  ['missing', { state: 'missing' }, 'Not known at the moment'],
  ['unreadable', { state: 'unreadable' }, 'Not known at the moment'],
] as const)('a ticket that is %s', async ([, ticket, text]) => {
  expect(await page({ ticket })).toContain(text);
});

test('the heading counts the albums that there are', async () => {
  expect(await page({ albums: [] })).toContain('No albums, picked');
  expect(await page()).toContain('Five albums, picked');
});

test('no script, no inline style, nothing from elsewhere', async () => {
  const html = await page();
  expect(html).not.toMatch(/<script|<style|style=|javascript:|\son\w+=/i);
  const addresses = [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, address]) => address);
  expect(addresses.filter((address) => !address?.startsWith('/') || address.startsWith('//'))).toEqual([]);
});

test('an album has the same sleeve each time, and sleeves differ', () => {
  const cover = (id: number) => String(albumCover({ id, title: '', artist: '' }));
  expect(cover(7)).toBe(cover(7));
  expect(new Set(Array.from({ length: 200 }, (_, id) => cover(id))).size).toBeGreaterThan(150);
});
