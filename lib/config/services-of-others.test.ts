import { describe, expect, test } from 'vitest';
import {
  managed,
  said,
  shared,
  type Values,
  withDirectory,
} from '../../test/infrastructure/estate-values.ts';
import { exampleServices } from '../../test/infrastructure/example-deployment.ts';

const secretArn = 'arn:aws:secretsmanager:eu-central-1:222222222222:secret:corp/user-AbCdEf';
const user = { secretArn };
const join = {
  ou: 'OU=SQL,OU=Servers,DC=corp,DC=example,DC=com',
  secretArn: secretArn.replace('user', 'join'),
};
const selfManaged = { type: 'self-managed', dnsAddresses: ['10.20.1.10'], join };
const existing = {
  type: 'existing',
  host: 'sql01.corp.example.com',
  name: 'Music',
  tlsName: 'sql01.abcdefghijkl.eu-central-1.rds.amazonaws.com',
  access: { addresses: ['10.20.0.0/16'] },
};
const services = { services: exampleServices };
const refused = (others: string) =>
  `deployment.services is ["worker","job"]: it must be left out where ${others} of environments[0] are given: users and logins of these services are made here.`;

describe('Services beside web are refused, in one sentence, where nobody here makes users and logins:', () => {
  test.each<[string, Values, string]>([
    ['a given user', { user }, 'user'],
    ['a database of others', { database: existing }, 'database'],
    [
      'a database of others, with its administrator',
      { database: { ...existing, provisioning: { administratorSecretArn: join.secretArn } } },
      'database',
    ],
    ['a given user of a managed directory', withDirectory(managed, { user }), 'user'],
    [
      'a given user that changes its own password',
      { user: { name: 'svc', secretArn, rotation: 'own-password' } },
      'user',
    ],
    [
      'a shared directory',
      { ...withDirectory({ ...managed, type: 'shared' }, { user }), network: shared },
      'directory and user',
    ],
    ['a self-managed directory', withDirectory(selfManaged, { user }), 'directory and user'],
    [
      'all of it',
      withDirectory({ ...selfManaged, join: undefined }, { user, database: existing }),
      'directory and database and user',
    ],
  ])('%s', (_, values, others) => {
    expect(said(values, services)).toEqual([refused(others)]);
    // It is the services that are too much there.
    expect(said(values)).toEqual([]);
  });

  test.each<[string, Values]>([
    ['everything new', {}],
    ['a directory that is there and administered here', withDirectory(managed)],
    ['a user with another name, made here', { user: { name: 'svc-music' } }],
  ])('but not with %s', (_, values) => {
    expect(said(values, services)).toEqual([]);
  });
});
