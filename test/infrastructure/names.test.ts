import { expect, test } from 'vitest';
import { loadDeployment } from '../../lib/config/index.ts';
import { exampleInput } from './example-deployment.ts';
import type { SynthesizedTemplate } from './template.ts';
import { validated } from './validated.ts';

/**
 * Names that other parts of a deployment use, so that an environment or a service of that name might collide with them.
 */
const environments = ['integration', 'images', 'operators'];
const services = ['integration', 'network', 'service'];

const [staging] = exampleInput.environments;
const { templates } = validated(
  loadDeployment({
    ...exampleInput,
    environments: environments.map((name) => ({
      ...staging,
      name,
      database: { ...staging?.database, identifier: `sql-${name}` },
      // One account and region for all, so that only the names distinguish them.
      ...{ account: exampleInput.tools.account, region: exampleInput.tools.region },
    })),
    services: Object.fromEntries(
      services.map((name, index) => [
        name,
        index % 2
          ? { kind: 'worker' as const, user: `svc-${index}` }
          : { kind: 'job' as const, user: `svc-${index}`, schedule: 'rate(1 day)' },
      ]),
    ),
  }),
);

/**
 * Properties with the name of a resource in its account and region. Names within another resource, and of other owners,
 * are excluded.
 */
const nameOf: Readonly<Record<string, string>> = {
  'AWS::CloudWatch::Alarm': 'AlarmName',
  'AWS::CloudWatch::Dashboard': 'DashboardName',
  'AWS::CodeBuild::Project': 'Name',
  'AWS::CodePipeline::Pipeline': 'Name',
  'AWS::ECR::Repository': 'RepositoryName',
  'AWS::ECS::Cluster': 'ClusterName',
  'AWS::ECS::Service': 'ServiceName',
  'AWS::ECS::TaskDefinition': 'Family',
  'AWS::IAM::Role': 'RoleName',
  'AWS::KMS::Alias': 'AliasName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::RDS::DBInstance': 'DBInstanceIdentifier',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::SSM::Parameter': 'Name',
  'AWS::StepFunctions::StateMachine': 'StateMachineName',
};

/** Names that two resources of the same type have. */
function namesTwice(all: ReadonlyMap<string, SynthesizedTemplate>): string[] {
  const seen = new Set<string>();
  const names = [...all.values()].flatMap(({ Resources = {} }) =>
    Object.values(Resources).flatMap(({ Type, Properties = {} }) => {
      const name = Properties[nameOf[Type] ?? ''];
      return name === undefined ? [] : [`${Type} ${JSON.stringify(name)}`];
    }),
  );
  return names.filter((name) => seen.size === seen.add(name).size);
}

test('no two resources have the same name, whatever the names of environments and services in one account', () => {
  expect(namesTwice(templates)).toEqual([]);
});

test.each(Object.entries(nameOf))('a duplicate is found: %s with the same %s', (type, property) => {
  const all = [...templates].flatMap(([name, { Resources = {} }]) =>
    Object.entries(Resources)
      .filter(([, { Type, Properties = {} }]) => Type === type && property in Properties)
      .map(([id]) => [name, id] as const),
  );
  const [[stack, id] = ['', '']] = all;
  const resource = templates.get(stack)?.Resources?.[id];
  expect(resource, 'this deployment has none').toBeDefined();
  const copy = new Map([...templates, ['copy', { Resources: { Copy: resource } } as SynthesizedTemplate]]);
  expect(namesTwice(copy)).toHaveLength(1);
});
