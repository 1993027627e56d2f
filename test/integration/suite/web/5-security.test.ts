import { expect, test } from 'vitest';
import { request } from './service.ts';

test.for(['/', '/api/albums', '/api/session', '/no-such-page'])('security headers: %s', async (path) => {
  const { headers } = await request(path);
  const policy = headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/unsafe|\*/);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('x-frame-options')).toBe('DENY');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  expect(headers.get('strict-transport-security')).toMatch(/^max-age=\d{7,}/);
  expect(headers.get('x-powered-by')).toBeNull();
  expect(headers.get('x-request-id')).toMatch(/^[\w-]{8,}$/);
});

test('an unknown address is a 404, as a page for people and as JSON for programs', async () => {
  const page = await request('/no-such-page', { headers: { Accept: 'text/html' } });
  expect(page.status).toBe(404);
  expect(page.headers.get('content-type')).toMatch(/^text\/html/);
  const json = await request('/api/no-such-thing');
  expect(json.status).toBe(404);
  expect(json.headers.get('content-type')).toBe('application/problem+json');
});

test('a method that an address does not take is a 405 that says which it does', async () => {
  const response = await request('/api/albums', { method: 'DELETE' });
  expect(response.status).toBe(405);
  expect(response.headers.get('allow')).toBe('GET, HEAD');
});
