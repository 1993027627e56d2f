import { describe, expect, test } from 'vitest';
import { crossingProblems } from './crossing-problems.ts';
import { estates } from './estates.ts';
import { permissionProblems } from './permission-problems.ts';
import { exampleDeployment, fullDeployment, synthesize } from './synthesize.ts';
import { objectsIn, type SynthesizedTemplate } from './template.ts';

const deployments = [exampleDeployment(), fullDeployment(), ...Object.values(estates).map((make) => make())];
const templates = deployments.flatMap((deployment) =>
  [...synthesize(deployment).templates].map(([name, template]) => [name, template, deployment] as const),
);

test.each(templates)('Permissions of %s are no wider than necessary', (name, template, deployment) => {
  const { tools, environments } = deployment;
  const place = environments.find((environment) =>
    name.startsWith(`${deployment.name}-${environment.name}-`),
  );
  if (!place) throw new Error(`${name} is of no environment.`);
  const accounts = [tools.account, ...environments.map(({ account }) => account)];
  expect([
    ...permissionProblems(template),
    ...crossingProblems(template, { account: place.account, region: place.region, accounts }),
  ]).toEqual([]);
});

/** A template with the first object that `which` accepts changed. */
function mutated(
  which: (object: Record<string, unknown>) => boolean,
  mutate: (object: Record<string, unknown>) => void,
): SynthesizedTemplate {
  for (const [, template] of templates) {
    const copy = structuredClone(template);
    const found = [...objectsIn(copy.Resources)].find(which);
    if (!found) continue;
    mutate(found);
    return copy;
  }
  throw new Error('No template has an object for the test to change.');
}

const allows = ({ Effect, Action, Principal }: Record<string, unknown>) =>
  Effect === 'Allow' && Action !== undefined && Principal === undefined;
const trusts = (service: string) => (object: Record<string, unknown>) =>
  object.Effect === 'Allow' && JSON.stringify(object.Principal)?.includes(`"${service}"`) === true;
const isRole = ({ AssumeRolePolicyDocument }: Record<string, unknown>) =>
  AssumeRolePolicyDocument !== undefined;
const isPermission = ({ Type }: Record<string, unknown>) => Type === 'AWS::Lambda::Permission';

describe('A permission that is too wide is found:', () => {
  test.each<[string, RegExp, Parameters<typeof mutated>[0], Record<string, unknown>]>([
    ['every action', /^\* is no single action$/, allows, { Action: '*' }],
    ['every action of a service', /^s3:\* is no single action$/, allows, { Action: ['s3:*'] }],
    ['actions with a wildcard', /^kms:Get\* is no single/, allows, { Action: ['kms:Get*'] }],
    ['every resource', /is allowed everywhere$/, allows, { Action: 's3:GetObject', Resource: '*' }],
    [
      'every resource among others',
      /is allowed everywhere$/,
      allows,
      { Action: 's3:GetObject', Resource: ['a', '*'] },
    ],
    [
      'all actions but some',
      /^all but "iam:CreateUser" is allowed$/,
      allows,
      { Action: undefined, NotAction: 'iam:CreateUser' },
    ],
    ['all resources but some', /^all but "a" is allowed$/, allows, { NotResource: 'a' }],
    ['everybody', /^somebody unknown/, trusts('lambda.amazonaws.com'), { Principal: { AWS: '*' } }],
    ...(
      [
        ['ec2:CreateNetworkInterfacePermission', 'ec2:AuthorizedService'],
        ['ec2:CreateNetworkInterfacePermission', 'ec2:Subnet'],
        ['ecs:RunTask', 'ecs:cluster'],
        ['events:PutEvents', 'events:source'],
        ['iam:PassRole', 'iam:PassedToService'],
        ['kms:Decrypt', 'kms:ViaService'],
        ['kms:GenerateDataKey', 'kms:ViaService'],
      ] as const
    ).map(([action, key]): [string, RegExp, Parameters<typeof mutated>[0], Record<string, unknown>] => [
      `${action} whatever ${key} is`,
      new RegExp(`^${action} is allowed whatever ${key} is$`),
      (object) => allows(object) && [object.Action].flat().includes(action),
      { Condition: undefined },
    ]),
    [
      'network interfaces for the code of a function',
      /lets the code of a function do ec2:CreateNetworkInterface$/,
      (object) => object.Effect === 'Deny' && JSON.stringify(object.Condition)?.includes('SourceFunctionArn'),
      { Action: 'ec2:DescribeSubnets' },
    ],
    [
      'tasks of other accounts',
      /TaskRole\w+ is taken on by tasks of any account$/,
      (object) => trusts('ecs-tasks.amazonaws.com')(object) && object.Condition !== undefined,
      { Condition: undefined },
    ],
    [
      'an AWS managed policy',
      /has the policy "arn:aws:iam::aws:policy\/AdministratorAccess"$/,
      isRole,
      { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] },
    ],
    [
      'calls from any account',
      /may call a function for any account$/,
      isPermission,
      { Properties: { Principal: 'events.amazonaws.com' } },
    ],
  ])('%s', (_, sentence, which, change) => {
    const template = mutated(which, (object) => Object.assign(object, change));
    expect(permissionProblems(template)).toContainEqual(expect.stringMatching(sentence));
  });
});
