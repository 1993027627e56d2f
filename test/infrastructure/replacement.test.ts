import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { DeploymentInput } from '../../lib/config/index.ts';
import { changeDatabase } from './example-deployment.ts';
import {
  type GuardedResources,
  guardedResources,
  replacements,
  replacingProperties,
} from './replacements.ts';
import { exampleDeployment, synthesize } from './synthesize.ts';
import { resources } from './template.ts';

type EnvironmentInput = DeploymentInput['environments'][number];

const example = synthesize(exampleDeployment());
const deployed: GuardedResources = guardedResources(example, 'production');

/**
 * The guarded resources of production that are replaced by a change of its configuration, or of the whole deployment.
 */
function replacedBy(change: (environment: EnvironmentInput, deployment: DeploymentInput) => void) {
  const deployment = exampleDeployment((input) => {
    input.environments = input.environments.filter(({ name }) => name === 'production');
    for (const production of input.environments) change(production, input);
  });
  return replacements(deployed, guardedResources(synthesize(deployment), 'production'));
}

describe('An update of the code', () => {
  const file = new URL('guarded-resources.json', import.meta.url);
  const earlier = JSON.parse(readFileSync(file, 'utf8')) as GuardedResources;

  test('replaces neither directory, database and secrets nor what contains them', () => {
    // A sentence here means that deployed environments lose data. If that is intended, and everyone who has deployed is
    // informed, change guarded-resources.json by hand.
    expect(replacements(earlier, deployed)).toEqual([]);
  });

  test('is checked for all guarded resources', () => {
    expect(Object.keys(deployed).sort()).toEqual(Object.keys(earlier).sort());
  });

  test('that replaces a resource anyway retains the old one', () => {
    for (const [part, type] of [
      ['directory', 'AWS::DirectoryService::MicrosoftAD'],
      ['directory', 'AWS::SecretsManager::Secret'],
      ['database', 'AWS::RDS::DBInstance'],
      ['database', 'AWS::KMS::Key'],
    ] as const) {
      for (const [, { UpdateReplacePolicy }] of resources(example.template('production', part), type)) {
        expect(UpdateReplacePolicy, type).toMatch(/^(Retain|Snapshot)$/);
      }
    }
  });
});

describe('The check', () => {
  test("takes from CloudFormation's schemas which properties cause replacement", () => {
    expect(replacingProperties('AWS::DirectoryService::MicrosoftAD')).toEqual(
      expect.arrayContaining(['Edition', 'Name', 'Password', 'ShortName', 'VpcSettings']),
    );
    expect(replacingProperties('AWS::RDS::DBInstance')).toEqual(
      expect.arrayContaining(['DBInstanceIdentifier', 'DBSubnetGroupName', 'KmsKeyId', 'MasterUsername']),
    );
  });

  test('takes from our handlers which properties change the physical id, and treats generated secrets correctly', () => {
    expect(replacingProperties('Custom::DirectoryUser')).toEqual(['DirectoryId', 'Username']);
    expect(replacingProperties('Custom::SqlDatabase')).toEqual(['Host', 'Login']);
    expect(replacingProperties('Custom::DirectorySettings')).toEqual(['DirectoryId']);
    expect(replacingProperties('AWS::SecretsManager::Secret')).toContain('GenerateSecretString');
  });

  test('reports a changed logical id and a changed property', () => {
    const one = { type: 'AWS::KMS::Key', replacing: { Name: 'one' } };
    expect(replacements({ 'a/One': one }, { 'a/Other': one })).toEqual([
      'a/One (AWS::KMS::Key) is gone: an update would delete it.',
    ]);
    expect(replacements({ 'a/One': one }, { 'a/One': { ...one, replacing: { Name: 'two' } } })).toEqual([
      'a/One (AWS::KMS::Key) would be replaced: Name was "one", is "two".',
    ]);
  });
});

describe('A change of the configuration', () => {
  test.each<[string, (environment: EnvironmentInput, deployment: DeploymentInput) => void]>([
    [
      'a third zone',
      (environment) => {
        environment.network = { zones: ['a', 'b', 'c'] };
      },
    ],
    [
      'NAT gateways and a management host',
      (environment) => {
        environment.network = { natGateways: 2, managementHost: true };
      },
    ],
    [
      'no deletion protection',
      (environment) => {
        environment.deletionProtection = false;
      },
    ],
    [
      'another rotation period',
      (environment) => {
        environment.directory = { rotationDays: 7 };
      },
    ],
    [
      'a larger instance',
      (environment) => {
        changeDatabase(environment, { instanceType: 'm6i.2xlarge', maximumStorageGiB: 900 });
      },
    ],
    [
      'a custom script',
      (environment) => {
        changeDatabase(environment, {
          script: { url: 'https://scripts.s3.eu-central-1.amazonaws.com/all.sql', sha256: '0'.repeat(64) },
        });
      },
    ],
    [
      'blue/green, fetched credentials',
      (environment) => {
        environment.service = { deployment: 'blue-green', credentialMode: 'fetched' };
      },
    ],
    [
      'another alarm e-mail and tags',
      (environment, deployment) => {
        environment.alarmEmail = 'a@example.com';
        deployment.tags = { team: 'music' };
      },
    ],
  ])('may introduce %s without replacing what is deployed', (_, change) => {
    expect(replacedBy(change)).toEqual([]);
  });

  // docs/deploy.md says that these cannot be changed later.
  test.each<[string, RegExp, (environment: EnvironmentInput, deployment: DeploymentInput) => void]>([
    [
      'domain.name',
      /MicrosoftAD\) would be replaced: Name/,
      (_, { domain }) => {
        if (domain) domain.name = 'other.example.com';
      },
    ],
    [
      'domain.netbiosName',
      /MicrosoftAD\) would be replaced: ShortName/,
      (_, { domain }) => {
        if (domain) domain.netbiosName = 'OTHER';
      },
    ],
    [
      'directory.edition',
      /MicrosoftAD\) would be replaced: Edition/,
      (environment) => {
        environment.directory = { edition: 'Enterprise' };
      },
    ],
    [
      'network.cidr',
      /VPC\) would be replaced: CidrBlock/,
      (environment) => {
        environment.network = { cidr: '10.1.0.0/16' };
      },
    ],
    [
      'network.zones',
      /Subnet\) would be replaced: AvailabilityZone/,
      (environment) => {
        environment.network = { zones: ['b', 'a'] };
      },
    ],
    [
      'database.edition',
      /DBInstance\) would be replaced: Engine/,
      (environment) => {
        changeDatabase(environment, { edition: 'enterprise' });
      },
    ],
    [
      'database.identifier',
      /DBInstance\) would be replaced: DBInstanceIdentifier/,
      (environment) => {
        changeDatabase(environment, { identifier: 'other' });
      },
    ],
  ])('of %s replaces the directory, database or network', (_, sentence, change) => {
    expect(replacedBy(change)).toContainEqual(expect.stringMatching(sentence));
  });
});
