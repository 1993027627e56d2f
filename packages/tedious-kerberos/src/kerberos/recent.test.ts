import { expect, test } from 'vitest';
import { Recent } from './recent.ts';

test('keeps the most recently used values, and makes others again', () => {
  const made: (string | undefined)[] = [];
  const recent = new Recent<string | undefined, object>(2);
  const get = (key: string | undefined) =>
    recent.get(key, () => {
      made.push(key);
      return {};
    });
  const own = get(undefined);
  get('a');
  expect(get(undefined)).toBe(own);
  get('b');
  expect(get(undefined)).toBe(own);
  expect(made).toEqual([undefined, 'a', 'b']);
  get('a');
  get('b');
  expect(made).toEqual([undefined, 'a', 'b', 'a', 'b']);
});
