import { describe, expect, test } from 'vitest';
import { user, userFrom, userProblems } from './user.ts';

const secretArn = 'arn:aws:secretsmanager:eu-central-1:222222222222:secret:corp/db-user-AbCdEf';
const foreignArn = secretArn.replace('222222222222', '444444444444');
const kmsKeyArn = 'arn:aws:kms:eu-central-1:444444444444:key/01234567-89ab-cdef-0123-456789abcdef';
const environment = { account: '222222222222', region: 'eu-central-1' };
const defaults = { name: 'db-user', adopt: false, rotationDays: 30 };

/** The messages about a user: a key and the end of a sentence for each wrong value. */
function said(value: unknown): string[] {
  const read = user.safeParse(value);
  if (!read.success) return read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  return userProblems(read.data, environment).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('A user is created, or given by a secret', () => {
  test.each<[object, object]>([
    [{}, defaults],
    [
      { name: 'other', adopt: true, rotationDays: 7 },
      { name: 'other', adopt: true, rotationDays: 7 },
    ],
    [{ secretArn }, { name: 'db-user', secretArn, rotation: 'none', rotationDays: 30 }],
    [
      { name: 'SvcMusic', secretArn, rotation: 'own-password', rotationDays: 2 },
      { name: 'SvcMusic', secretArn, rotation: 'own-password', rotationDays: 2 },
    ],
    [
      { secretArn: foreignArn, kmsKeyArn, rotation: 'none' },
      { name: 'db-user', secretArn: foreignArn, kmsKeyArn, rotation: 'none', rotationDays: 30 },
    ],
  ])('%j', (value, expected) => {
    expect(said(value)).toEqual([]);
    expect(userFrom(user.parse(value), defaults)).toEqual(expected);
  });

  test('and has defaults for what is not configured', () => {
    expect(userFrom(undefined, defaults)).toEqual(defaults);
  });
});

describe('One sentence reports a contradiction', () => {
  test.each<[object, RegExp]>([
    [{ name: 'CORP\\db-user' }, /^name: an account name alone, without domain/],
    [{ name: 'CORP\\db-user', secretArn }, /^name: an account name alone, without domain/],
    [{ name: 'db-user@corp.example.com', secretArn }, /^name: an account name alone/],
    [{ name: 'DB-User' }, /^name: .*lower-case/],
    [{ name: 'krbtgt', secretArn }, /^name: a user of its own/],
    [{ name: 'Admin' }, /^name: a user of its own/],
    [{ kmsKeyArn }, /^kmsKeyArn: left out without secretArn/],
    [{ rotation: 'none' }, /^rotation: left out without secretArn/],
    [{ secretArn, adopt: true }, /^adopt: left out with secretArn/],
    [{ secretArn, rotationDays: 7 }, /^rotationDays: left out unless rotation is "own-password"/],
    [{ secretArn, rotation: 'own-password', rotationDays: 1 }, /^rotationDays: at least 2/],
    [{ secretArn, rotation: 'administrator' }, /^rotation: one of "none", "own-password"/],
    [{ secretArn: 'corp/db-user' }, /^secretArn: the complete ARN/],
    [{ secretArn: secretArn.replace('-AbCdEf', '') }, /^secretArn: the complete ARN/],
    [{ secretArn: `${secretArn}:password::` }, /^secretArn: the complete ARN/],
    [{ secretArn, kmsKeyArn: kmsKeyArn.replace('key/', 'alias/') }, /^kmsKeyArn: the ARN of a key/],
    [
      { secretArn: secretArn.replace('central', 'west') },
      /^user\.secretArn: a secret in the environment's region/,
    ],
    [
      { secretArn, kmsKeyArn: kmsKeyArn.replace('central', 'west') },
      /^user\.kmsKeyArn: a key in the environment's/,
    ],
    [{ secretArn: foreignArn }, /^user\.kmsKeyArn: given for a secret of another account \(444444444444\)/],
    [
      { secretArn: foreignArn, kmsKeyArn, rotation: 'own-password' },
      /^user\.rotation: "none" for a secret of another/,
    ],
  ])('%j', (value, sentence) => {
    expect(said(value)).toEqual([expect.stringMatching(sentence)]);
  });
});
