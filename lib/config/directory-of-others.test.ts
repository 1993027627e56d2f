import { describe, expect, test } from 'vitest';
import {
  inNetwork,
  managed,
  network,
  rule,
  said,
  subnet,
  type Values,
  withDirectory,
} from '../../test/infrastructure/estate-values.ts';
import { exampleInput } from '../../test/infrastructure/example-deployment.ts';
import { loadDeployment } from './index.ts';

describe('A directory in which others make the users', () => {
  const secretArn = 'arn:aws:secretsmanager:eu-central-1:222222222222:secret:corp/join-AbCdEf';
  const user = { secretArn: secretArn.replace('join', 'user') };
  const join = { ou: 'OU=SQL,OU=Servers,DC=corp,DC=example,DC=com', secretArn };
  const shared = { ...managed, type: 'shared' };
  const selfManaged = { type: 'self-managed', dnsAddresses: ['10.20.1.10'], join };
  const existing = {
    type: 'existing',
    host: 'sql01.corp.example.com',
    name: 'Music',
    tlsName: 'sql01.abcdefghijkl.eu-central-1.rds.amazonaws.com',
    access: { addresses: ['10.20.0.0/16'] },
  };

  test.each<[RegExp, Values]>([
    [/user\.secretArn is missing: it must be given with a shared directory/, withDirectory(shared)],
    [
      /user\.secretArn is missing: it must be given with a self-managed directory/,
      withDirectory(selfManaged),
    ],
    [/user\.secretArn is missing/, withDirectory(shared, { user: { name: 'svc-music' } })],
    [/directory has the unknown key "rotationDays"/, withDirectory({ ...shared, rotationDays: 7 }, { user })],
    [/directory has the unknown key "join"/, withDirectory({ ...shared, join }, { user })],
    [
      /directory has the unknown key "directoryId"/,
      withDirectory({ ...selfManaged, directoryId: 'd-0123456789' }, { user }),
    ],
    [
      /directory\.join is missing: it must be given for an instance of RDS/,
      withDirectory({ ...selfManaged, join: undefined }, { user }),
    ],
    ...[
      'Servers',
      'OU=SQL',
      'CN=Computers,DC=corp,DC=example,DC=com',
      'corp.example.com/Servers',
      `OU=${'x'.repeat(40)},DC=corp,DC=example,DC=com`,
    ].map((ou): [RegExp, Values] => [
      /directory\.join\.ou is/,
      withDirectory({ ...selfManaged, join: { ...join, ou } }, { user }),
    ]),
    [
      /directory\.join\.secretArn is/,
      withDirectory({ ...selfManaged, join: { ...join, secretArn: 'corp/join' } }, { user }),
    ],
    [
      /directory\.join\.secretArn is missing/,
      withDirectory({ ...selfManaged, join: { ou: join.ou } }, { user }),
    ],
    [
      /network\.managementHost is true/,
      { directory: { ...selfManaged, resolver: rule }, network: { managementHost: true }, user },
    ],
  ])('%s', (sentence, values) => {
    expect(said(values)).toEqual([expect.stringMatching(sentence)]);
  });

  test.each<[string, Values]>([
    ['shared, for an instance that is made here', withDirectory(shared, { user })],
    ['self-managed, joined by an account of its own', withDirectory(selfManaged, { user })],
    [
      'self-managed, for a server that is there',
      withDirectory({ ...selfManaged, join: undefined }, { user, database: existing }),
    ],
    [
      'self-managed, in a network without subnets for a database',
      {
        network: { ...network, zones: { a: { tasks: subnet('fa0') }, b: { tasks: subnet('fb0') } } },
        directory: { ...selfManaged, join: undefined },
        user,
        database: existing,
      },
    ],
  ])('%s, is taken', (_, values) => {
    expect(said(values)).toEqual([]);
  });

  test('has one user for each environment that makes one', () => {
    const { environments, ...others } = structuredClone(exampleInput);
    const load =
      (...values: Values[]) =>
      () =>
        loadDeployment({
          ...others,
          environments: environments.map((environment, index) => ({
            ...environment,
            account: '222222222222',
            database: { identifier: `music-${index}` },
            ...inNetwork({}),
            ...values[index],
          })),
        });
    expect(load({}, {})).toThrow(
      'deployment.environments[1].user.name is "db-user": it must be a name of its own: an earlier environment makes this user in the same directory.',
    );
    expect(load({}, { user: { name: 'other-user' } })).not.toThrow();
    expect(load({}, { directory: { ...managed, directoryId: 'd-9876543210' } })).not.toThrow();
    // Services beside web have users, too.
    Object.assign(others, { services: { worker: { kind: 'worker' } } });
    const otherWeb = { user: { name: 'other-user' } };
    expect(load({}, otherWeb)).toThrow(
      'deployment.environments[1].services.worker.user is "worker-user": it must be a name of its own: an earlier environment makes this user in the same directory.',
    );
    expect(load({}, { user: { name: 'worker-user' }, services: { worker: { user: 'db-user' } } })).toThrow(
      /environments\[1\]\.user\.name is "worker-user": .*\n.*environments\[1\]\.services\.worker\.user is "db-user": /,
    );
    expect(load({}, { ...otherWeb, services: { worker: { user: 'other-worker' } } })).not.toThrow();
  });
});
