import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bootstrapQualifier, toolkitStackName } from '../../lib/config/bootstrap-names.ts';
import { environmentStacks } from '../../lib/config/stack-names.ts';
import { policyPlace } from '../../lib/operator/bootstrap/neighbours.ts';
import { bootstrapPlaces } from '../../lib/operator/bootstrap/places.ts';
import { AwsFault, startAwsEndpoint } from '../../local/pipeline/aws/aws-endpoint.ts';
import { exampleDeployment, fullDeployment, synthesize } from '../infrastructure/synthesize.ts';
import { type BootstrapHarness, startBootstrap } from './bootstrap-harness.ts';

const deployment = exampleDeployment();
const { region } = deployment.tools;
const [tools, staging] = ['111111111111', '222222222222'] as const;
const twoRegions = (replication: 'own' | 'existing' = 'own') =>
  exampleDeployment((input) => {
    for (const environment of input.environments.slice(1)) environment.region = 'eu-west-1';
    input.images = { replication };
  });

let harness: BootstrapHarness;
beforeEach(async () => {
  harness = await startBootstrap(deployment);
});
afterEach(() => harness.stop());

const changes = () =>
  harness.endpoint.calls.filter(({ operation }) => /Create|Update|Delete/.test(operation));

describe('Each deployment has its own bootstrap:', () => {
  test('its qualifier differs even for names that begin alike, and is valid for the CDK', () => {
    const names = ['music', 'music-store', 'music-store-a', 'music-store-b', 'mu-sic', 'x-y', 'windows-auth'];
    const qualifiers = names.map((name) => bootstrapQualifier({ ...deployment, name }));
    expect(new Set(qualifiers).size).toBe(names.length);
    for (const qualifier of qualifiers) expect(qualifier).toMatch(/^[a-z0-9]{1,10}$/);
    // Existing deployments depend on this value, so it must not change.
    expect(bootstrapQualifier(deployment)).toBe('wind0e5fc5');
  });

  test('another qualifier can be configured, even the shared default one', () => {
    const named = { ...deployment, tools: { ...deployment.tools, bootstrapQualifier: 'hnb659fds' } };
    expect([bootstrapQualifier(named), toolkitStackName(named)]).toEqual(['hnb659fds', 'CDKToolkit']);
  });

  test("a qualifier in the CDK's own context key is refused, since it would apply to only some stacks", async () => {
    harness.context = { '@aws-cdk/core:bootstrapQualifier': 'other' };
    const { output, exitCode } = await harness.run('--print');
    expect(output).toMatch(/bootstrapQualifier"\] is "other": it must be left out\./);
    expect(exitCode).toBe(1);
  });
});

test.each([
  ['another qualifier', { Qualifier: 'other' }, /has the qualifier other/],
  ['trust in others', { TrustedAccounts: `${tools},999999999999` }, /trusts 999999999999/],
  [
    'another policy',
    { CloudFormationExecutionPolicies: 'arn:aws:iam::aws:policy/AdministratorAccess' },
    /deploys with arn:aws:iam::aws:policy\/AdministratorAccess/,
  ],
  ['no policy', { CloudFormationExecutionPolicies: '' }, /deploys with AdministratorAccess/],
] as const)('a bootstrap with our name but with %s is not changed', async (_, parameters, sentence) => {
  harness.accounts.current = staging;
  await harness.run();
  const toolkit = harness.accounts.in(`${staging}/${region}`).get(toolkitStackName(deployment));
  Object.assign(toolkit?.parameters ?? {}, parameters);
  const before = changes().length;
  const { output, commands, exitCode } = await harness.run();
  expect(output).toMatch(sentence);
  expect(output).toMatch(/Nothing was changed\.$/);
  expect({ commands, exitCode, changes: changes().length }).toEqual({
    commands: [],
    exitCode: 1,
    changes: before,
  });
  expect((await harness.run('--take-over')).commands).toHaveLength(1);
});

test('the default bootstrap of others is ignored', async () => {
  harness.accounts.current = staging;
  const stacks = harness.accounts.in(`${staging}/${region}`);
  const theirs = { status: 'CREATE_COMPLETE', parameters: { TrustedAccounts: '999999999999' } };
  stacks.set('CDKToolkit', structuredClone(theirs));
  const { exitCode, commands } = await harness.run();
  expect(exitCode).toBe(0);
  expect(commands[0]).toContain(toolkitStackName(deployment));
  expect(stacks.get('CDKToolkit')).toEqual(theirs);
});

test('a bootstrap whose first creation failed is reported with the command that deletes it', async () => {
  harness.accounts.current = staging;
  harness.accounts
    .in(`${staging}/${region}`)
    .set(toolkitStackName(deployment), { status: 'ROLLBACK_COMPLETE' });
  for (const words of [[], ['--take-over']]) {
    const { output, commands } = await harness.run(...words);
    expect(output).toContain('Delete it with "npm run release -- recover staging", then run this again.');
    expect(commands).toEqual([]);
  }
});

describe("The registry's one replication configuration", () => {
  const theirs = [{ destinations: [{ region: 'us-east-1', registryId: tools }], repositoryFilters: [] }];
  const ours = [
    {
      destinations: [{ region: 'eu-west-1', registryId: tools }],
      repositoryFilters: [{ filter: 'windows-auth/', filterType: 'PREFIX_MATCH' }],
    },
  ];

  test.each([
    ['own', [], true],
    ['own', theirs, false],
    ['existing', theirs, false],
    ['existing', [...theirs, ...ours], true],
    ['existing', [{ ...ours[0], repositoryFilters: [{ filter: 'other/' }] }], false],
    ['existing', [{ ...ours[0], repositoryFilters: [] }], true],
  ] as const)('%s, with the rules %j: free is %s', async (replication, rules, free) => {
    harness.deployment = twoRegions(replication);
    harness.accounts.replication = [...rules];
    const { output, commands } = await harness.run();
    expect(commands.length > 0).toBe(free);
    if (!free) {
      expect(output).toMatch(/cop(y|ies) repositories whose names begin with windows-auth\/ to eu-west-1/);
      expect(changes()).toEqual([]);
    }
  });

  test('--take-over still refuses a registry that is not free', async () => {
    harness.deployment = twoRegions();
    harness.accounts.replication = theirs;
    const { output, commands } = await harness.run('--take-over');
    expect(output).toMatch(/already has a replication configuration/);
    expect({ commands, changes: changes() }).toEqual({ commands: [], changes: [] });
  });

  test('our own rules are no obstacle once they exist', async () => {
    harness.deployment = twoRegions();
    harness.accounts.replication = ours;
    harness.accounts.in(`${tools}/${region}`).set('windows-auth-images', { status: 'CREATE_COMPLETE' });
    expect((await harness.run()).commands).toHaveLength(2);
  });
});

test('the policies stay in their region when the order of environments and regions changes', async () => {
  const places = bootstrapPlaces(twoRegions()).filter(({ account }) => account === tools);
  expect(places.map((place) => place.region)).toEqual([region, 'eu-west-1']);
  for (const holder of [...places.map((place) => place.region), undefined]) {
    const endpoints = await Promise.all(
      places.map((place) =>
        startAwsEndpoint({
          'CloudFormation.DescribeStacks': ({ StackName }) => {
            if (place.region === holder) return { Stacks: [{ StackName, StackStatus: 'CREATE_COMPLETE' }] };
            throw new AwsFault('ValidationError', `Stack with id ${StackName} does not exist`);
          },
        }),
      ),
    );
    const found = await policyPlace(
      places,
      deployment,
      (place) => new CloudFormationClient({ region, endpoint: endpoints[places.indexOf(place)]?.url ?? '' }),
    );
    expect(found?.region).toBe(holder ?? region);
    await Promise.all(endpoints.map((endpoint) => endpoint.stop()));
  }
});

test('--print --json gives each account and region with its command and policies', async () => {
  const { output, exitCode } = await harness.run('--print', '--json');
  expect(exitCode).toBe(0);
  const places = JSON.parse(output) as Record<string, unknown>[];
  expect(places.map(({ account, purposes }) => [account, purposes])).toEqual([
    [tools, ['tools']],
    [staging, ['staging']],
    ['333333333333', ['production']],
  ]);
  for (const place of places) {
    expect(Object.keys(place)).toEqual([
      ...['account', 'region', 'purposes', 'command', 'executionPolicy', 'permissionsBoundary'],
    ]);
    expect(place.command).toEqual(expect.arrayContaining(['npx', 'cdk', 'bootstrap']));
    expect(place.executionPolicy).toMatchObject({ Version: '2012-10-17' });
    expect(place.permissionsBoundary).toMatchObject({ Version: '2012-10-17' });
  }
});

test('every stack of an environment is recognized by its name, and no stack of another environment', () => {
  const [own, other] = deployment.environments.map((environment) =>
    environmentStacks(deployment, environment),
  );
  for (const name of synthesize(deployment).templates.keys()) {
    expect([name, own?.isOurs(name)]).toEqual([name, name.startsWith('windows-auth-staging-')]);
    expect([name, other?.isOurs(name)]).toEqual([name, name.startsWith('windows-auth-production-')]);
  }
});

test('two deployments in one account share no resource names except those that the configuration sets', () => {
  /** The names that resources get in an account and region, by type and property. */
  const namesOf = (name: string) =>
    [exampleDeployment(), fullDeployment()].flatMap((base) =>
      [...synthesize({ ...base, name }).templates.values()].flatMap(({ Resources }) =>
        Object.values(Resources).flatMap(({ Type, Properties }) =>
          Object.entries(Properties ?? {})
            .filter(([key, value]) => /Name$|Identifier$/.test(key) && typeof value === 'string')
            .map(([key, value]) => `${Type}.${key} ${value}`),
        ),
      ),
    );
  const scoped =
    /^(AWS::IAM::Policy\.PolicyName|AWS::ApplicationAutoScaling::ScalingPolicy\.|AWS::EC2::VPCEndpoint\.ServiceName|AWS::CloudWatch::Alarm\.MetricName|AWS::SSM::Association\.|AWS::RDS::DBInstance\.CACertificateIdentifier|Custom::)/;
  const configured =
    / (music-db|\/aws\/rds\/instance\/music-db\/\w+|CORP|corp\.example\.com|music\.example\.com\.?)$/;
  const others = new Set(namesOf('other'));
  const common = namesOf('windows-auth').filter(
    (entry) => others.has(entry) && !scoped.test(entry) && !configured.test(entry),
  );
  expect([...new Set(common)]).toEqual([]);
});
