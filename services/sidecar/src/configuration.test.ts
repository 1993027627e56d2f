import { ConfigurationError } from '@packages/contracts';
import { describe, expect, test } from 'vitest';
import { readConfiguration } from './configuration.ts';

const right = {
  DIRECTORY_DOMAIN: 'corp.example.com',
  SQL_SPN: 'MSSQLSvc/music-db.corp.example.com:1433',
  CREDENTIALS: '{"username":"db-user","password":"secret word","domainName":"corp.example.com"}',
};
const kdcs = 'a list of host names or addresses with commas between, each with a port or without';
const spn = 'a service principal name such as MSSQLSvc/music-db.corp.example.com:1433';
const arn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-user-AbCdEf';

function problems(environment: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfiguration(environment);
  } catch (error) {
    if (error instanceof ConfigurationError) {
      return error.problems;
    }
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  test('needs three variables and has defaults for the rest', () => {
    expect(readConfiguration(right)).toMatchObject({
      domain: 'corp.example.com',
      realm: 'CORP.EXAMPLE.COM',
      kdcs: [],
      server: { principal: 'MSSQLSvc/music-db.corp.example.com:1433@CORP.EXAMPLE.COM' },
      encryptionTypes: 'aes',
      ticketMode: 'service-ticket',
      credentials: { source: 'injected', credentials: { username: 'db-user', password: 'secret word' } },
      sharedDirectory: '/var/scratch',
      privateDirectory: '/run/ticket-sidecar',
      ticketLifetime: 36_000,
      renewAt: 0.5,
    });
  });

  test('takes an empty variable for an absent one', () => {
    expect(readConfiguration({ ...right, RENEW_AT: '', CREDENTIALS_SECRET_ARN: '' }).renewAt).toBe(0.5);
  });

  test('takes a list of domain controllers, by name or address, with ports', () => {
    const { kdcs } = readConfiguration({ ...right, DIRECTORY_KDCS: '10.0.1.10, dc2.corp.example.com:88' });
    expect(kdcs).toEqual(['10.0.1.10', 'dc2.corp.example.com:88']);
  });

  test.for([
    ['MSSQLSvc/Music-DB.Corp.example.com:1433', 'MSSQLSvc/music-db.corp.example.com:1433@CORP.EXAMPLE.COM'],
    ['MSSQLSvc/music-db.corp.example.com', 'MSSQLSvc/music-db.corp.example.com@CORP.EXAMPLE.COM'],
    ['MSSQLSvc/db.corp.example.com:MUSIC', 'MSSQLSvc/db.corp.example.com:MUSIC@CORP.EXAMPLE.COM'],
    ['MSSQLSvc/db.b.example:1433@B.EXAMPLE', 'MSSQLSvc/db.b.example:1433@B.EXAMPLE'],
    ['MSSQLSvc/db.b.example:1433@b.example', 'MSSQLSvc/db.b.example:1433@B.EXAMPLE'],
  ] as const)('takes SQL_SPN=%s for the principal %s, as GSSAPI asks for it', ([SQL_SPN, principal]) => {
    expect(readConfiguration({ ...right, SQL_SPN }).server.principal).toBe(principal);
  });

  test('does not show a secret that was put into another variable', () => {
    for (const key of ['CREDENTIALS_SECRET_ARN', 'SQL_SPN', 'SERVICE_NAME']) {
      const wrong = problems({ ...right, CREDENTIALS: undefined, [key]: right.CREDENTIALS });
      expect(wrong.join()).toContain(`${key} is not shown here, but it must be `);
      expect(wrong.join()).not.toContain('secret word');
    }
    const bare = problems({ ...right, CREDENTIALS: undefined, CREDENTIALS_SECRET_ARN: 'secret word' });
    expect(bare.join()).not.toContain('secret word');
  });

  test('takes the ARN of a secret instead of the secret', () => {
    const { credentials } = readConfiguration({
      ...right,
      CREDENTIALS: undefined,
      CREDENTIALS_SECRET_ARN: arn,
    });
    expect(credentials).toEqual({ source: 'fetched', secretArn: arn, checkSeconds: 300 });
  });

  test.for([
    ['DIRECTORY_DOMAIN', 'corp', 'the DNS name of the directory, such as corp.example.com'],
    ['DIRECTORY_DOMAIN', 'corp.example.com\n[x]', 'the DNS name of the directory, such as corp.example.com'],
    ['DIRECTORY_KDCS', '10.0.1.10;10.0.2.10', kdcs],
    ['SQL_REALM_KDCS', 'dc1:0', kdcs],
    ['SQL_SPN', 'MSSQLSvc/music-db.corp.example.com.:1433', spn],
    ['SQL_SPN', 'MSSQLSvc/music-db.corp.example.com:1433@', spn],
    ['SQL_SPN', 'HTTP/music-db.corp.example.com', spn],
    ['ENCRYPTION_TYPES', 'rc4', 'one of aes, aes-and-rc4'],
    ['SQL_SPN', 'music-db', 'a service principal name such as MSSQLSvc/music-db.corp.example.com:1433'],
    ['TICKET_MODE', 'both', 'one of service-ticket, tgt'],
    ['SHARED_DIRECTORY', 'scratch', 'an absolute path without a colon, such as /var/scratch'],
    ['PRIVATE_DIRECTORY', '/run/a:b', 'an absolute path without a colon, such as /run/ticket-sidecar'],
    ['TICKET_LIFETIME', '10h', 'a number of seconds from 5 to 86400'],
    ['TGT_LIFETIME', '60', 'a number of seconds from 125 to 86400'],
    ['RENEW_AT', '1.5', 'a number from 0.05 to 0.9'],
    ['PASSWORD_ATTEMPTS', '0', 'a whole number from 1 to 10'],
    ['LOG_LEVEL', 'loud', 'one of info, debug, warn, error'],
  ] as const)('%s=%j is told in one sentence', ([key, value, allowed]) => {
    expect(problems({ ...right, [key]: value })).toEqual([
      `${key} is ${JSON.stringify(value)}, but it must be ${allowed}.`,
    ]);
  });

  test('tells all that is wrong at once', () => {
    expect(problems({ TICKET_MODE: 'x' })).toEqual([
      'DIRECTORY_DOMAIN is not set, but it must be the DNS name of the directory, such as corp.example.com.',
      'SQL_SPN is not set, but it must be a service principal name such as MSSQLSvc/music-db.corp.example.com:1433.',
      'TICKET_MODE is "x", but it must be one of service-ticket, tgt.',
      'Neither CREDENTIALS nor CREDENTIALS_SECRET_ARN is set; set one of them: the secret as JSON, or its ARN.',
    ]);
  });

  test('wants only one source of credentials', () => {
    expect(problems({ ...right, CREDENTIALS_SECRET_ARN: arn })).toEqual([
      'CREDENTIALS and CREDENTIALS_SECRET_ARN are both set; set only one of them.',
    ]);
  });
});
