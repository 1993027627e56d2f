import { alarmingLines } from '@packages/contracts';
import type { TicketState } from '@packages/service';
import { describe, expect, test, vi } from 'vitest';
import { scriptedApp } from '../test/web-app.ts';

const browser = { headers: { Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' } };

describe('albums', () => {
  test('five, unless the request has another count', async () => {
    const randomAlbums = vi.fn(async () => []);
    const { app } = scriptedApp({ database: { randomAlbums } });
    for (const query of ['', '?count=1', '?count=100', '?count=007'])
      await app.request(`/api/albums${query}`);
    expect(randomAlbums.mock.calls.map(([count]: unknown[]) => count)).toEqual([5, 1, 100, 7]);
  });

  test.for(['0', '101', '1000', '-1', '', '5.0', '+5', '0x5', '5 ', '５', 'NaN', '2&count=3', '1;SELECT 1'])(
    'the count %j is refused before the database is asked',
    async (count) => {
      const randomAlbums = vi.fn(async () => []);
      const { app } = scriptedApp({ database: { randomAlbums } });
      const response = await app.request(`/api/albums?count=${count.replace(' ', '%20')}`);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        title: 'Bad request',
        detail: 'The parameter "count" must be one whole number from 1 to 100.',
      });
      expect(randomAlbums).not.toHaveBeenCalled();
    },
  );
});

describe('the session', () => {
  const session = async (query = '', showLogin = false) =>
    (await scriptedApp({ showLogin }).app.request(`/api/session${query}`)).json();
  const ticket = { state: 'good', endsAt: expect.stringMatching(/Z$/), remainingSeconds: 28_800 };

  test('scheme, and the lifetime of the ticket; not the login', async () => {
    expect(await session()).toEqual({ scheme: 'KERBEROS', ticket });
    expect(await (await scriptedApp().app.request('/')).text()).not.toMatch(/db-user|CORP/);
  });

  test('the login is confirmed to a client that knows it', async () => {
    expect(await session(`?login=${encodeURIComponent('CORP\\db-user')}`)).toMatchObject({
      loginIsExpected: true,
    });
    const other = await session('?login=CORP%5Cother');
    expect(other).toMatchObject({ loginIsExpected: false });
    expect(JSON.stringify(other)).not.toContain('db-user');
  });

  test('shown where the configuration says so', async () => {
    expect(await session('', true)).toEqual({ login: 'CORP\\db-user', scheme: 'KERBEROS', ticket });
    const page = await (await scriptedApp({ showLogin: true }).app.request('/')).text();
    expect(page).toContain('CORP\\<wbr>db-user');
  });
});

test('HEAD is answered like GET, without a body', async () => {
  const response = await scriptedApp().app.request('/', { method: 'HEAD' });
  expect(response.status).toBe(200);
  expect(await response.text()).toBe('');
});

describe('probes', () => {
  test('the process lives, whatever happens to the database', async () => {
    const { app } = scriptedApp({ database: { ping: () => Promise.reject(new Error('gone')) } });
    expect((await app.request('/livez')).status).toBe(200);
    expect((await app.request('/readyz')).status).toBe(503);
  });

  test('a task is healthy once it could serve, and stays so while the database is away', async () => {
    let away = true;
    const ping = async () => {
      if (away) throw new Error('gone');
    };
    const { app, log } = scriptedApp({ database: { ping } });
    const asked = async () => (await app.request('/healthz')).status;
    expect(await asked()).toBe(503);
    // An alarm counts this line.
    expect(log).toContainEqual(expect.objectContaining({ msg: alarmingLines.databaseUnreachable }));
    away = false;
    expect(await asked()).toBe(200);
    away = true;
    expect([await asked(), (await app.request('/readyz')).status]).toEqual([200, 503]);
  });

  test('a task whose ticket has gone is healthy no longer, however well it was', async () => {
    const ticket: { state: TicketState } = { state: 'good' };
    const { app } = scriptedApp({ ticket });
    const asked = async () => (await app.request('/healthz')).status;
    expect(await asked()).toBe(200);
    ticket.state = 'expired';
    expect(await asked()).toBe(503);
  });

  test('a draining task is not ready, still answers, and ends its connections', async () => {
    const { app } = scriptedApp({ draining: true });
    expect((await app.request('/readyz')).status).toBe(503);
    expect((await app.request('/healthz')).status).toBe(503);
    const page = await app.request('/');
    expect(page.status).toBe(200);
    expect(page.headers.get('connection')).toBe('close');
  });
});

describe('404 and 405', () => {
  test('a page for browsers, JSON for programs, JSON always under /api', async () => {
    const { app } = scriptedApp();
    const page = await app.request('/nothing', browser);
    expect(page.status).toBe(404);
    expect(page.headers.get('content-type')).toBe('text/html; charset=UTF-8');
    const json = await app.request('/nothing', { headers: { Accept: 'application/json' } });
    expect(json.headers.get('content-type')).toBe('application/problem+json');
    const api = await app.request('/api/nothing', browser);
    expect(api.headers.get('content-type')).toBe('application/problem+json');
  });

  test.for([
    ['POST', '/'],
    ['PUT', '/api/albums'],
    ['DELETE', '/readyz'],
    ['PATCH', '/favicon.ico'],
  ] as const)('%s %s: 405 with the methods that are allowed', async ([method, path]) => {
    const response = await scriptedApp().app.request(path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD');
  });

  test('a hostile path is not shown', async () => {
    const response = await scriptedApp().app.request('/<script>alert(1)</script>', browser);
    expect(response.status).toBe(404);
    expect(await response.text()).not.toContain('alert');
  });
});

describe('what comes with every answer', () => {
  test.each(['/api', '/api/none', '/livez/none', '/readyz/none', '/healthz/none'])(
    'what programs ask, such as %s, is answered with JSON also to those who take pages',
    async (path) => {
      const answer = await scriptedApp().app.request(path, { headers: { Accept: 'text/html' } });
      expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'application/problem+json']);
    },
  );

  test.for(['/', '/api/albums', '/api/albums?count=x', '/nothing', '/livez', '/favicon.ico'])(
    'security headers, request id and task: %s',
    async (path) => {
      const { headers } = await scriptedApp().app.request(path);
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; " +
          "frame-ancestors 'none'",
      );
      expect(headers.get('strict-transport-security')).toBe('max-age=31536000');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-task')).toBe('task-1');
      expect(headers.get('x-request-id')).toMatch(/^[\w-]{36}$/);
    },
  );

  test('a request id that came with the request is kept if it is harmless', async () => {
    const { app } = scriptedApp();
    const id = async (value: string) =>
      (await app.request('/livez', { headers: { 'X-Request-Id': value } })).headers.get('x-request-id');
    expect(await id('abc-123')).toBe('abc-123');
    expect(await id('<script>')).toMatch(/^[\w-]{36}$/);
    expect(await id('a'.repeat(65))).toMatch(/^[\w-]{36}$/);
  });
});

test('the files that the page loads are served, at addresses that depend on their content', async () => {
  const { app } = scriptedApp();
  const page = await (await app.request('/')).text();
  const style = /href="(\/assets\/page-[0-9a-f]{12}\.css)"/.exec(page)?.[1] ?? '';
  const css = await (await app.request(style)).text();
  const addresses = [
    ...page.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g),
    ...css.matchAll(/url\("([^"]+)"\)/g),
  ];
  expect(addresses.length).toBeGreaterThanOrEqual(5);
  for (const [, address] of addresses) {
    const response = await app.request(String(address));
    expect(response.status, address).toBe(200);
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  }
});
