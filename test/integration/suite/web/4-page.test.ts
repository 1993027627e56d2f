import { expect, inject, test } from 'vitest';
import { request, visibleText } from './service.ts';

test('the page greets, shows five albums, and says by which scheme we are known, with which ticket', async () => {
  const response = await request('/', { headers: { Accept: 'text/html' } });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^text\/html/);
  const page = await response.text();
  const text = visibleText(page);
  const { scheme } = inject('settings');
  expect(text).toContain('Hello World');
  expect(text).toContain(scheme);
  expect(text).toMatch(/Lives for another \d+ /);
  expect(page.match(/<h3>[^<]+<\/h3>/g)).toHaveLength(5);
});

test('the style sheet of the page is there, and may be kept', async () => {
  const page = await (await request('/')).text();
  const [, address] = /<link rel="stylesheet" href="([^"]+)"/.exec(page) ?? [];
  const response = await request(String(address));
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^text\/css/);
  expect(response.headers.get('cache-control')).toContain('immutable');
});
