import { matchesGlob } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Deployment } from '../../../lib/config/index.ts';
import {
  attachedPolicies,
  environmentServices,
  executionPolicy,
  executionPolicyTemplate,
  globalServices,
  toolsServices,
} from '../../../lib/operator/bootstrap/execution-policy.ts';
import { bootstrapPlaces } from '../../../lib/operator/bootstrap/places.ts';
import { exampleDeployment, fullDeployment } from '../../infrastructure/synthesize.ts';
import { type SynthesizedPipeline, synthesizePipeline } from '../synthesized-pipeline.ts';
import { variant, variants } from '../variants.ts';

/** IAM's prefix of each service, where it is not CloudFormation's in small letters. */
const prefixes: Readonly<Record<string, string>> = {
  ApplicationAutoScaling: 'application-autoscaling',
  CertificateManager: 'acm',
  CodeStarNotifications: 'codestar-notifications',
  DirectoryService: 'ds',
  ElasticLoadBalancingV2: 'elasticloadbalancing',
  StepFunctions: 'states',
};

const synthesized: SynthesizedPipeline[] = [
  ...Object.keys(variants).map(variant),
  synthesizePipeline(fullDeployment()),
];
const isTools = ({ deployment }: SynthesizedPipeline, stack: string) =>
  stack.startsWith(`${deployment.tools.account}/`);

/** The services of all templates of the tools account, or of all others. */
function servicesUsed(tools: boolean): string[] {
  const types = synthesized.flatMap((pipeline) =>
    [...pipeline.templates]
      .filter(([stack]) => isTools(pipeline, stack) === tools)
      .flatMap(([, template]) => Object.values(template.Resources).map(({ Type }) => Type)),
  );
  // A custom resource is a call of a function; roles have statements of their own.
  const namespaces = types
    .filter((type) => type.startsWith('AWS::') && !type.startsWith('AWS::IAM::'))
    .map((type) => type.split('::')[1] ?? '');
  return [...new Set(namespaces.map((name) => prefixes[name] ?? name.toLowerCase()))].sort();
}

// Every template asks for the bootstrap's version in Systems Manager.
test('in the tools account the policy has the services of the templates and no others', () => {
  expect([...toolsServices]).toEqual([...new Set([...servicesUsed(true), 'ssm'])].sort());
}, 120_000);

test('in an environment the policy has the services of the templates and no others', () => {
  expect([...environmentServices, ...globalServices].sort()).toEqual(servicesUsed(false));
}, 120_000);

test('the policies that may be attached to roles are those that the templates attach', () => {
  const templates = synthesized.flatMap(({ templates }) => [...templates.values()]);
  const attached = JSON.stringify(templates).match(/(?<=:iam::aws:policy\/)[\w/-]+/g);
  expect([...attachedPolicies]).toEqual([...new Set(attached)].sort());
}, 120_000);

/**
 * "Default: the execution role of the current stack" must have cloudformation:DescribeStacks on the stack that is read.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html
 */
test('a stack whose outputs a template reads may be described by the role that deploys the template', () => {
  const read = synthesized.flatMap(({ deployment, templates }) =>
    [...templates].flatMap(([stack, template]) =>
      stackOutputsRead(template).map((name) => ({ deployment, account: stack.split('/')[0] ?? '', name })),
    ),
  );
  expect(read).not.toEqual([]);
  const refused = read.filter(({ deployment, account, name }) => {
    const described = executionPolicy(deployment, account)
      .Statement.filter(({ Action }) => Action.includes('cloudformation:DescribeStacks'))
      .flatMap(({ Resource }) => Resource);
    return !described.some((pattern) =>
      matchesGlob(`arn:aws:cloudformation:eu-central-1:${account}:stack/${name}/id`, pattern),
    );
  });
  expect(refused).toEqual([]);
}, 120_000);

/** The names of the stacks that a template's `Fn::GetStackOutput` name. */
function stackOutputsRead(value: unknown): string[] {
  if (value === null || typeof value !== 'object') return [];
  const { 'Fn::GetStackOutput': output } = value as { 'Fn::GetStackOutput'?: { StackName: string } };
  return output ? [output.StackName] : Object.values(value).flatMap(stackOutputsRead);
}

describe.each<[string, Deployment]>([
  ['the example', exampleDeployment()],
  ['the largest', fullDeployment()],
  [
    'one account for everything',
    exampleDeployment(({ environments, tools }) => {
      for (const environment of environments) environment.account = tools.account;
      const [first] = environments;
      if (first) first.database = { ...first.database, identifier: 'another' };
    }),
  ],
  ['two regions', (variants['three environments in two regions, ARM'] as () => Deployment)()],
])('With %s', (_, deployment) => {
  const accounts = [...new Set(bootstrapPlaces(deployment).map(({ account }) => account))];

  test.each(accounts)('the policy of %s is within the limits of IAM', (account) => {
    expect(JSON.stringify(executionPolicy(deployment, account)).length).toBeLessThanOrEqual(6144);
  });

  test.each(accounts)('in %s no role can be made, passed or changed but those of our stacks', (account) => {
    for (const { Sid, Action, Resource } of executionPolicy(deployment, account).Statement) {
      if (!Action.some((action) => action.startsWith('iam:'))) continue;
      for (const resource of [Resource].flat()) {
        const own = new RegExp(
          `^arn:aws:iam::${account}:(role|instance-profile)/${deployment.name}-([a-z0-9]+-)?\\*$`,
        );
        if (Sid === 'RolesOfTheServices') expect(Action).toEqual(['iam:CreateServiceLinkedRole']);
        else expect(resource).toMatch(own);
      }
      expect(
        Action.filter((action) => /\*|User|AccessKey|Group|LoginProfile|PolicyVersion/.test(action)),
      ).toEqual([]);
    }
  });

  test.each(accounts)(
    'in %s nothing else than a service is given whole, and only in the regions of the deployment',
    (account) => {
      const { Statement } = executionPolicy(deployment, account);
      const whole = Statement.filter(({ Action }) => Action.some((action) => action.endsWith(':*')));
      expect(Statement.flatMap(({ Action }) => [...Action]).filter((action) => action === '*')).toEqual([]);
      const regions = bootstrapPlaces(deployment)
        .filter((place) => place.account === account)
        .map(({ region }) => region);
      for (const { Sid, Condition } of whole) {
        if (Sid === 'ServicesWithoutRegions') continue;
        expect(Condition).toEqual({ StringEquals: { 'aws:RequestedRegion': regions } });
      }
    },
  );

  test('the template of the policy depends on the configuration of its account alone', () => {
    for (const account of accounts) {
      expect(executionPolicyTemplate(deployment, account)).toEqual(
        executionPolicyTemplate(structuredClone(deployment), account),
      );
    }
  });
});
