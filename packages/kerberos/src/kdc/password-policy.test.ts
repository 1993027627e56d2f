import { expect, test } from 'vitest';
import { policySentences } from './password-policy.ts';

const day = 864_000_000_000n;

function policy(length: number, history: number, properties: number, minimalAge: bigint): Buffer {
  const octets = Buffer.alloc(30);
  octets.writeUInt32BE(length, 2);
  octets.writeUInt32BE(history, 6);
  octets.writeUInt32BE(properties, 10);
  octets.writeBigUInt64BE(42n * day, 14);
  octets.writeBigUInt64BE(minimalAge, 22);
  return octets;
}

test.each([
  [
    policy(7, 24, 1, day),
    [
      'A password has at least 7 characters.',
      'It differs from the last 24 passwords.',
      'It mixes three of: capital letters, small letters, digits, other characters; and does not hold the user name.',
      'It can be changed again only after 1 day.',
    ],
  ],
  [
    policy(1, 1, 0, day / 2n),
    [
      'A password has at least 1 character.',
      'It differs from the last 1 password.',
      'It can be changed again only after 12 hours.',
    ],
  ],
  [policy(0, 0, 0, 0n), []],
  [policy(0, 0, 2, 1n), ['It can be changed again only after 1 hour.']],
  [
    Buffer.from('Password does not meet\u0000 complexity\nrequirements '),
    ['Password does not meet complexity requirements'],
  ],
  [Buffer.alloc(0), []],
  [Buffer.from('a text of exactly thirty octets'.slice(0, 30)), ['a text of exactly thirty octet']],
])('%#: an answer in sentences', (answer, sentences) => {
  expect(policySentences(answer)).toEqual(sentences);
});
