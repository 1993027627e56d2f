import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { exampleInput } from '../../test/infrastructure/example-deployment.ts';
import { ConfigurationError, loadDeployment } from './index.ts';

/** A key and its value, valid or not; `undefined` if the key is missing. */
type Setting = readonly [key: string, value: unknown];

/** The message about the example after some of its keys were set. */
function said(...settings: Setting[]): string {
  const input = structuredClone(exampleInput);
  for (const [key, value] of settings) set(input, key.split('.'), value);
  try {
    loadDeployment(input);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  return 'nothing';
}

function set(at: object, [key = '', ...rest]: string[], value: unknown): void {
  const inner = at as Record<string, unknown>;
  if (rest.length === 0) {
    inner[key] = value;
    return;
  }
  inner[key] ??= {};
  set(inner[key] as object, rest, value);
}

const knownRegion =
  'a region of AWS that this CDK knows, outside of China, GovCloud and the sovereign clouds, such as "eu-central-1"';
const domainName =
  'a domain name of at least two lower-case labels, such as "corp.example.com", of at most 47 characters';

test('the configuration in cdk.json is valid', () => {
  const file = new URL('../../cdk.json', import.meta.url);
  const { deployment } = JSON.parse(readFileSync(file, 'utf8')).context;
  expect(loadDeployment(deployment).environments).not.toEqual([]);
});

describe('One sentence reports a wrong value, with its key and what is allowed', () => {
  test.each<[string, unknown, string]>([
    ['environments.0.account', undefined, 'an AWS account number: 12 digits, in quotes'],
    ['environments.0.account', 222222222222, 'an AWS account number: 12 digits, in quotes'],
    ['environments.0.region', 'cn-north-1', knownRegion],
    [
      'environments.0.name',
      'Staging',
      '2 to 12 lower-case letters and digits, a letter first, and neither "tools" nor "pipeline"',
    ],
    ['environments.1.name', 'staging', 'a name of its own: an earlier environment has it'],
    ['environments.0.logRetentionDays', 8, 'one of 7, 14, 30, 60, 90, 180, 365, 731, 1827 days'],
    ['environments.0.alarmEmail', 'operators', 'an e-mail address'],
    ['environments.0.deletionProtection', 'yes', 'true or false'],
    ['environments.0.directory.rotationDays', 42, 'a whole number of days from 1 to 35'],
    ['environments.0.service.cpu', 300, 'a Fargate CPU size: 256, 512, 1024, 2048 or 4096'],
    ['environments.0.service.memoryMiB', 4096, 'a size that Fargate pairs with cpu 256: 512, 1024, 2048'],
    ['environments.0.service.maximumTasks', 1, 'at least minimumTasks (2)'],
    ['environments.0.database.roles', [], 'a list of at least one database role'],
    ['environments.0.service.credentialMode', 'both', 'one of "injected", "fetched"'],
    [
      'environments.0.database.multiAz',
      true,
      'false for the express edition: only standard and enterprise can span zones',
    ],
    [
      'environments.0.database.instanceType',
      'm6i.large',
      'one of "t3.micro" to "t3.xlarge" with the express edition',
    ],
    ['environments.0.database.maximumStorageGiB', 20.5, 'a whole number of GiB from 20 to 16384'],
    ['environments.0.database.storageGiB', 14_895, 'a whole number of GiB from 20 to 14894'],
    ['environments.0.database.maximumStorageGiB', 21, 'at least a tenth above storageGiB (20)'],
    ['environments.0.network.zones', ['a', 'a'], 'a list of different zone letters'],
    ['environments.0.network.natGateways', 3, 'at most the number of zones (2)'],
    ['environments.0.loadBalancer.allowedClients', [], 'a list of at least one IPv4 range'],
    [
      'environments.0.loadBalancer.hostName',
      'music.example.com',
      'left out unless certificateArn or hostedZone is given',
    ],
    ['environments', [], 'a list of 1 to 5 environments'],
    ['domain.name', 'corp', domainName],
    ['source', 'git', 'a source with type "connection", "codecommit" or "s3"'],
    ['source.type', 'git', 'a source with type "connection", "codecommit" or "s3"'],
    ['images.architecture', 'x86', 'one of "x86_64", "arm64"'],
  ])('%s: %j', (key, value, allowed) => {
    const dotted = `deployment.${key.replace(/\.(\d)/g, '[$1]')}`;
    const is = value === undefined ? 'is missing' : `is ${JSON.stringify(value)}`;
    expect(said([key, value])).toBe(`${dotted} ${is}: it must be ${allowed}.`);
  });

  const zone = { id: 'Z0123456789ABCDEFGHIJ', name: 'example.com' };
  test.each<[string, Setting[], RegExp]>([
    [
      'internet-facing without NAT',
      [['environments.0.loadBalancer.scheme', 'internet-facing']],
      /natGateways is 0: it must be at least 1 with an internet-facing load balancer/,
    ],
    [
      'roles of web given in two ways',
      [['environments.0.database', { roles: ['album_reader'], userRoles: ['db_datawriter'] }]],
      /database\.userRoles is .*: it must be left out where roles are given, which are all that the user has/,
    ],
    [
      'an invalid role name',
      [['environments.0.database', { roles: ['album-reader'] }]],
      /database\.roles\[0\] is "album-reader": it must be a database role: 1 to 128 letters, digits and underscores, no digit first\./,
    ],
    [
      'a certificate without a name',
      [
        [
          'environments.0.loadBalancer.certificateArn',
          'arn:aws:acm:eu-central-1:222222222222:certificate/one',
        ],
      ],
      /hostName is missing: it must be given with certificateArn/,
    ],
    [
      'a name outside of its zone',
      [
        ['environments.0.loadBalancer.hostedZone', zone],
        ['environments.0.loadBalancer.hostName', 'music.example.org'],
      ],
      /hostName is "music.example.org": it must be the name of the hosted zone example.com, or one in it/,
    ],
    [
      'a name that an earlier environment has in the same zone',
      [0, 1].flatMap((index): Setting[] => [
        [`environments.${index}.loadBalancer.hostedZone`, zone],
        [`environments.${index}.loadBalancer.hostName`, 'music.example.com'],
      ]),
      /environments\[1\]\.loadBalancer\.hostName is "music.example.com": it must be a name of its own: staging has it in the same hosted zone/,
    ],
    [
      'a certificate of another partition',
      [
        ['environments.0.loadBalancer.hostName', 'music.example.com'],
        [
          'environments.0.loadBalancer.certificateArn',
          'arn:aws-cn:acm:eu-central-1:222222222222:certificate/one',
        ],
      ],
      /certificateArn is ".*": it must be the ARN of an ACM certificate/,
    ],
    [
      'a certificate of another region',
      [
        ['environments.0.loadBalancer.hostName', 'music.example.com'],
        ['environments.0.loadBalancer.certificateArn', 'arn:aws:acm:us-east-1:222222222222:certificate/one'],
      ],
      /certificateArn is ".*": it must be a certificate in the environment's region eu-central-1/,
    ],
    [
      'a script that cannot be reached',
      [['environments.0.database.script', { url: 'https://example.com/all.sql', sha256: '0'.repeat(64) }]],
      /script.url is "https:\/\/example.com\/all.sql": it must be an address in S3 of eu-central-1 .* unless natGateways is at least 1/,
    ],
    [
      'two databases with the same name in one account and region',
      [['environments.1.account', '222222222222']],
      /environments\[1\].database.identifier is "music-db": it must be an identifier of its own/,
    ],
  ])('also of %s', (_, settings, sentence) => {
    expect(said(...settings)).toMatch(sentence);
    expect(said(...settings).split('\n')).toHaveLength(1);
  });

  test('also a key that does not exist, with those that do', () => {
    expect(said(['environments.0.colour', 'blue'])).toMatch(
      /^deployment\.environments\[0\] has the unknown key "colour": it must be without unknown keys; known are name, account, region, .*\.$/,
    );
  });

  test('each of several, on a line of its own', () => {
    expect(said(['environments.0.account', '1'], ['domain.user', '']).split('\n')).toHaveLength(2);
  });

  test('also when there is no configuration at all', () => {
    expect(() => loadDeployment(undefined)).toThrow(
      /^deployment is missing: it must be an object with name, /,
    );
  });
});

/** An object as JSON.parse makes it, with an ordinary key `__proto__`; an object literal would set the prototype. */
const named = (name: string, value: unknown) =>
  JSON.parse(`{${JSON.stringify(name)}:${JSON.stringify(value)}}`);

describe('A name that every JavaScript object has', () => {
  test.each<Setting>([
    ['tags', named('__proto__', 'x')],
    ['services', named('__proto__', { kind: 'worker' })],
    ['services', { worker: { kind: 'worker', variables: named('__proto__', 'x') } }],
    ['services', { worker: { kind: 'worker', secrets: named('__proto__', 'x') } }],
    ['environments.0.services', named('__proto__', { tasks: 2 })],
    ['environments.0', { ...exampleInput.environments[0], services: named('__proto__', 1) }],
  ])('__proto__ in %s is refused, once', (...setting) => {
    expect(said(...[setting])).toMatch(
      /^deployment\.[\w.[\]]+\.__proto__ is "__proto__": it must be named otherwise, [^\n]*\.$/,
    );
  });

  test.each<Setting>([
    ['tools', { ...exampleInput.tools, ...named('__proto__', 1) }],
    ['environments.0.network', named('__proto__', 1)],
    ['environments.0.loadBalancer', named('__proto__', 1)],
  ])('__proto__ in %s is refused', (...setting) => {
    expect(said(setting)).toContain('__proto__');
  });

  test.each(['constructor', 'toString', 'hasOwnProperty', 'valueOf', 'prototype'])(
    'is the name of a tag: %s',
    (name) => {
      const { tags } = loadDeployment({ ...exampleInput, tags: { [name]: 'x' } });
      expect(Object.entries(tags)).toEqual([[name, 'x']]);
    },
  );
});
