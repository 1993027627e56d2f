import { expect, test } from 'vitest';
import { userOf } from './user.ts';

test('a user is a uid and a gid', () => {
  expect(userOf({ Name: 'cache', User: '1003:1002' })).toEqual({ uid: 1003, gid: 1002 });
});

// A part that is left out must not become 0, which is root.
test.each([
  undefined,
  '',
  '1003',
  ':1002',
  '1003:',
  'cache:1002',
  '1003:cache',
  '-1:1002',
  '1e3:1002',
  ' 1003:1002',
])('the user %j is refused', (User) => {
  expect(() => userOf({ Name: 'cache', User })).toThrow(
    `Container cache has the user "${User ?? ''}", but its process needs uid and gid, such as 1002:1002.`,
  );
});
