import { ConfigurationError } from '@packages/contracts';
import { describe, expect, test } from 'vitest';
import { readConfiguration } from './configuration.ts';

const good = {
  SQL_SERVER: 'music-db.corp.example.com',
  SQL_DATABASE: 'Music',
  SQL_TLS_NAME: 'music-db.abcdefghijkl.eu-central-1.rds.amazonaws.com',
  SQL_TLS_CA_FILE: '/etc/ssl/certs/rds.pem',
  KRB5_CONFIG: '/var/scratch/krb5.conf',
  KRB5CCNAME: 'FILE:/var/scratch/krbcache',
  TICKET_STATUS_FILE: '/var/scratch/ticket.json',
};

function problems(env: Record<string, string | undefined>): readonly string[] {
  try {
    readConfiguration(env);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as ConfigurationError).problems;
  }
}

test('defaults are filled in, numbers are numbers', () => {
  expect(readConfiguration({ ...good, POOL_MAX: '20', QUERY_TIMEOUT_SECONDS: '2.5' })).toMatchObject({
    PORT: 8080,
    SQL_PORT: 1433,
    POOL_MAX: 20,
    QUERY_TIMEOUT_SECONDS: 2.5,
    DRAIN_SECONDS: 5,
  });
});

test('each missing variable is named in its own sentence', () => {
  expect(problems({ ...good, SQL_SERVER: undefined, KRB5CCNAME: undefined })).toEqual([
    'SQL_SERVER is not set, but it must be a host name such as music-db.corp.example.com.',
    'KRB5CCNAME is not set, but it must be an absolute path, with or without "FILE:" before it.',
  ]);
});

describe('a wrong value is reported with its key and what is allowed', () => {
  test.for([
    ['PORT', '80800', 'a whole number from 0 to 65535'],
    ['PORT', '8080x', 'a whole number from 0 to 65535'],
    ['HOST', 'localhost', 'an IP address such as 0.0.0.0'],
    ['SQL_SERVER', 'music db', 'a host name such as music-db.corp.example.com'],
    ['SQL_DATABASE', 'Music; DROP', 'a database name of 1 to 128 letters, digits or any of _ $ # @ -'],
    ['KRB5CCNAME', 'KEYRING:persistent:0', 'an absolute path, with or without "FILE:" before it'],
    ['KRB5_CONFIG', 'krb5.conf', 'an absolute path such as /var/scratch/krb5.conf'],
    ['QUERY_TIMEOUT_SECONDS', '0', 'a number of seconds from 0.01 to 300'],
    ['DRAIN_SECONDS', '1e1', 'a number of seconds from 0 to 100'],
    ['LOG_LEVEL', 'loud', 'one of trace, debug, info, warn, error, fatal'],
    ['TASK_NAME', 'two words', '1 to 64 letters, digits, "-" or "_"'],
  ] as const)('%s=%s', ([key, value, allowed]) => {
    expect(problems({ ...good, [key]: value })).toEqual([`${key} is "${value}", but it must be ${allowed}.`]);
  });
});

test('values that contradict each other', () => {
  expect(problems({ ...good, POOL_MIN: '5', POOL_MAX: '4', DRAIN_SECONDS: '25' })).toEqual([
    'POOL_MIN is "5", but it must be at most POOL_MAX, which is 4.',
    'DRAIN_SECONDS is "25", but it must be less than SHUTDOWN_SECONDS, which is 25.',
  ]);
});
