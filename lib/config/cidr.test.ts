import { expect, test } from 'vitest';
import { contains, reverseNames } from './cidr.ts';

const address = (number: number) =>
  [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
const nameOf = (text: string) => `${text.split('.').reverse().join('.')}.in-addr.arpa`;

test.each([
  ['10.0.0.0/8', ['10.in-addr.arpa']],
  ['100.64.0.0/16', ['64.100.in-addr.arpa']],
  ['100.64.254.0/23', ['254.64.100.in-addr.arpa', '255.64.100.in-addr.arpa']],
  ['192.0.2.8/31', ['8.2.0.192.in-addr.arpa', '9.2.0.192.in-addr.arpa']],
])('the names of %s are below %j', (range, names) => expect(reverseNames(range)).toEqual(names));

const seed = 0x64400000;
const ranges = Array.from({ length: 25 }, (_, index) => {
  const bits = 8 + index;
  const size = 2 ** (32 - bits);
  return { first: Math.floor((seed + index * 7919 * 104729) / size) * size, size, bits };
});

test.each(ranges)(
  'the names of a /$bits range cover its first and last address, but not its neighbours',
  (range) => {
    const { first, size, bits } = range;
    const names = reverseNames(`${address(first)}/${bits}`);
    for (const number of [first - 1, first, first + Math.floor(size / 3), first + size - 1, first + size]) {
      const within = names.filter((name) => `.${nameOf(address(number))}`.endsWith(`.${name}`));
      const own = contains(`${address(first)}/${bits}`, address(number));
      expect(within, address(number)).toHaveLength(own ? 1 : 0);
    }
  },
);
