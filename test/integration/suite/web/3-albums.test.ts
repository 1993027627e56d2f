import { expect, test } from 'vitest';
import { albums, request } from './service.ts';

test('five different albums, each with an artist', async () => {
  const picked = await albums();
  expect(new Set(picked.map(({ id }) => id)).size).toBe(5);
  for (const { title, artist } of picked) {
    expect(title).toMatch(/\S/);
    expect(artist).toMatch(/\S/);
  }
});

test('as many as asked for', async () => {
  expect(await albums('?count=1')).toHaveLength(1);
  expect(await albums('?count=7')).toHaveLength(7);
});

test('two calls differ, sooner or later', async () => {
  const first = JSON.stringify(await albums());
  for (let call = 0; call < 20; call++) {
    if (JSON.stringify(await albums()) !== first) return;
  }
  expect.unreachable('21 calls gave the same albums in the same order');
});

test.for([
  ['nought', '?count=0'],
  ['too many', '?count=101'],
  ['negative', '?count=-1'],
  ['no number', '?count=five'],
  ['nothing', '?count='],
  ['a fraction', '?count=2.5'],
  ['two counts', '?count=2&count=3'],
  ['SQL', `?count=${encodeURIComponent('1; DROP TABLE Album')}`],
])('a wrong count is refused: %s', async ([, query]) => {
  const response = await request(`/api/albums${query}`);
  expect(response.status).toBe(400);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(await response.json()).toMatchObject({ status: 400, detail: expect.stringContaining('"count"') });
});
