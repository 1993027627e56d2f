import { ConfigurationError } from '@packages/contracts';
import { describe, expect, test } from 'vitest';
import { parseCredentials } from './credentials.ts';

const parse = (secret: unknown) => parseCredentials(JSON.stringify(secret), 'corp.example.com');

function problems(json: string): readonly string[] {
  try {
    parseCredentials(json, 'corp.example.com');
  } catch (error) {
    if (error instanceof ConfigurationError) {
      return error.problems;
    }
    throw error;
  }
  return [];
}

describe('the secret', () => {
  test('holds a user and a password of any characters', () => {
    const secret = { username: 'db-user', password: ' $(rm) "`\\ä€*' };
    expect(parse(secret)).toEqual({ ...secret, unknownKeys: [] });
  });

  test('may contain when the password was changed, and more than the sidecar needs', () => {
    const secret = {
      username: 'u',
      password: 'p',
      passwordChangedAt: '2026-01-31T12:00:00Z',
      engine: 'sqlserver',
    };
    expect(parse(secret)).toMatchObject({
      passwordChangedAt: new Date('2026-01-31T12:00:00Z'),
      unknownKeys: ['engine'],
    });
  });

  test('may contain the next password', () => {
    const secret = { username: 'u', password: 'p', nextPassword: 'q' };
    expect(parse(secret)).toEqual({ ...secret, unknownKeys: [] });
  });

  test('may spell the domain with different case', () => {
    expect(parse({ username: 'u', password: 'p', domainName: 'CORP.example.com' }).username).toBe('u');
  });

  const nameless = 'must be the bare account name, without domain, such as "db-user".';
  test.for([
    [{ password: 'p' }, `The secret's key "username" is missing; it ${nameless}`],
    [{ username: 'CORP\\u', password: 'p' }, `The secret's key "username" ${nameless}`],
    [{ username: 'u@corp', password: 'p' }, `The secret's key "username" ${nameless}`],
    [
      { username: 'u', password: 7 },
      'The secret\'s key "password" must be text of 1 to 1000 bytes on one line.',
    ],
    [
      { username: 'u', password: 'a\nb' },
      'The secret\'s key "password" must be text of 1 to 1000 bytes on one line.',
    ],
    [
      { username: 'u', password: 'p', nextPassword: '' },
      'The secret\'s key "nextPassword" must be text of 1 to 1000 bytes on one line.',
    ],
    [
      { username: 'u', password: 'p', next_password: 'q' },
      'The secret\'s key "next_password" is not known; write it "nextPassword".',
    ],
    [
      { username: 'u', password: 'p', domainname: 'x' },
      'The secret\'s key "domainname" is not known; write it "domainName".',
    ],
    [
      { username: 'u', password: 'p', domainName: 'other.example.com' },
      'The secret\'s key "domainName" is another name than DIRECTORY_DOMAIN (corp.example.com); make them equal.',
    ],
    [
      { username: 'u', password: 'p', passwordChangedAt: 'yesterday' },
      'The secret\'s key "passwordChangedAt" must be a time such as 2026-01-31T12:00:00Z.',
    ],
  ] as const)('%j is told in one sentence', ([secret, sentence]) => {
    expect(problems(JSON.stringify(secret))).toEqual([sentence]);
  });

  test.for(['hunter2', '"hunter2"', '["hunter2"]', '{"password":"hunter2"', 'null'])(
    'is not quoted when it is no JSON object: %s',
    (json) => {
      const [sentence, ...others] = problems(json);
      expect(others).toEqual([]);
      expect(sentence).toBe(
        'The secret is not a JSON object, but it must be {"username":"…","password":"…"}.',
      );
    },
  );
});
