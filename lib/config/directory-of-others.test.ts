import { describe, expect, test } from 'vitest';
import {
  existing,
  inNetwork,
  join,
  managed,
  network,
  rule,
  said,
  selfManaged,
  subnet,
  type Values,
  withDirectory,
} from '../../test/infrastructure/estate-values.ts';
import { exampleInput } from '../../test/infrastructure/example-deployment.ts';
import { loadDeployment } from './index.ts';

describe('A directory in which others create the users', () => {
  const { secretArn } = join;
  const user = { secretArn: secretArn.replace('join', 'user') };
  const shared = { ...managed, type: 'shared' };

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
      /directory\.join is missing: it must be given for an RDS instance/,
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
    ['shared, for an instance that is created here', withDirectory(shared, { user })],
    ['self-managed, joined by an account of its own', withDirectory(selfManaged, { user })],
    [
      'self-managed, for an existing server',
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
  ])('%s, is accepted', (_, values) => {
    expect(said(values)).toEqual([]);
  });

  describe('has a separate user for each environment', () => {
    const { environments, ...others } = structuredClone(exampleInput);
    const load =
      (values: readonly [Values, Values], services = {}) =>
      () =>
        loadDeployment({
          ...others,
          services,
          environments: environments.map((environment, index) => ({
            ...environment,
            account: '222222222222',
            database: { identifier: `music-${index}` },
            ...inNetwork({}),
            ...values[index],
          })),
        });
    let secrets = 0;
    const given = (name: string, directory: object = {}, values: object = {}) => ({
      ...values,
      directory: { ...selfManaged, join: undefined, ...directory },
      database: existing,
      user: { name, secretArn: secretArn.replace('corp/join', `corp/user-${++secrets}`) },
    });
    const worker = { worker: { kind: 'worker' } };
    const elsewhere = { region: 'eu-west-1' };
    const signsInAs = (service: string, name: string) =>
      `it must be a user of its own: the service ${service} of staging signs in to the same directory as ${name}.`;

    test.each<[string, [Values, Values], object, string]>([
      [
        'created by both',
        [{}, {}],
        {},
        `deployment.environments[1].user.name is "db-user": ${signsInAs('web', 'db-user')}`,
      ],
      [
        'created by both for a service',
        [{}, { user: { name: 'other-user' } }],
        worker,
        `deployment.environments[1].services.worker.user is "worker-user": ${signsInAs('worker', 'worker-user')}`,
      ],
      [
        'of a service there and of web here',
        [{}, { user: { name: 'worker-user' }, services: { worker: { user: 'own-user' } } }],
        worker,
        `deployment.environments[1].user.name is "worker-user": ${signsInAs('worker', 'worker-user')}`,
      ],
      [
        'given by two secrets, in different case',
        [
          given('svc-music'),
          given('SVC-Music', { dnsAddresses: ['10.20.2.10', ...selfManaged.dnsAddresses] }),
        ],
        {},
        `deployment.environments[1].user.name is "SVC-Music": ${signsInAs('web', 'svc-music')}`,
      ],
      [
        'created in a directory that the other identifies by addresses',
        [given('svc-music', { dnsAddresses: managed.dnsAddresses }), { user: { name: 'svc-music' } }],
        {},
        `deployment.environments[1].user.name is "svc-music": ${signsInAs('web', 'svc-music')}`,
      ],
      [
        'created by both in regions that a directory is replicated to',
        [{}, elsewhere],
        {},
        `deployment.environments[1].user.name is "db-user": ${signsInAs('web', 'db-user')}`,
      ],
      [
        "created by both, one of which gets the directory's id from a parameter",
        [{}, { directory: { ...managed, directoryId: 'ssm:/corp/directory' } }],
        {},
        `deployment.environments[1].user.name is "db-user": ${signsInAs('web', 'db-user')}`,
      ],
    ])('a user %s is refused', (_, environments, services, sentence) => {
      expect(load(environments, services)).toThrow(sentence);
    });

    test.each<[string, [Values, Values], object]>([
      ['another name', [{}, { user: { name: 'other-user' } }], {}],
      ['another account', [{}, { account: '333333333333', database: { identifier: 'music' } }], worker],
      [
        'parameters in two regions',
        [
          { directory: { ...managed, directoryId: 'ssm:/corp/directory' } },
          {
            ...elsewhere,
            directory: {
              ...managed,
              directoryId: 'ssm:/corp/directory',
              dnsAddresses: ['10.99.1.10', '10.99.2.10'],
            },
          },
        ],
        worker,
      ],
      ['another directory', [{}, { directory: { ...managed, directoryId: 'd-9876543210' } }], worker],
      [
        'another directory with the same name',
        [given('svc'), given('svc', { dnsAddresses: ['10.99.1.10'] }, {})],
        {},
      ],
      [
        'a domain with another name',
        [given('svc'), given('svc', {}, { domain: { name: 'other.example.com' } })],
        {},
      ],
      [
        'a separate directory for each',
        [
          { directory: { type: 'new' }, network: {} },
          { directory: { type: 'new' }, network: { cidr: '10.1.0.0/16' } },
        ],
        worker,
      ],
    ])('%s is accepted', (_, environments, services) => {
      expect(load(environments, services)).not.toThrow();
    });

    // The identifier becomes a host name in the domain, whatever the instance's account or region.
    const named = (identifier: string, directory: object = {}) => ({
      ...given(`svc-${secrets}`),
      directory: { ...selfManaged, ...directory },
      database: { identifier },
    });
    const there = (values: object): Values =>
      Object.assign(JSON.parse(JSON.stringify(values).replaceAll('eu-central-1', 'eu-west-1')), elsewhere);

    test.each<[string, [Values, Values]]>([
      [
        'in regions that a managed directory is replicated to',
        [
          { database: { identifier: 'music' } },
          { ...elsewhere, database: { identifier: 'music' }, user: { name: 'other-user' } },
        ],
      ],
      ['in two regions of a self-managed directory', [named('music'), there(named('music'))]],
    ])('the same name for two SQL Servers %s is refused', (_, environments) => {
      expect(load(environments)).toThrow(
        'deployment.environments[1].database.identifier is "music": it must be an identifier of its own: staging has ' +
          'music.corp.example.com in the same directory already.',
      );
    });

    test('the same name in two directories is accepted, and two names in one', () => {
      const apart = { dnsAddresses: ['10.99.1.10'] };
      expect(load([named('music'), there(named('music', apart))])).not.toThrow();
      expect(load([named('music'), there(named('songs'))])).not.toThrow();
    });
  });
});
