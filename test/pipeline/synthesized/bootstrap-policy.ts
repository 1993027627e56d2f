import { describe, expect, test } from 'vitest';
import type { Deployment, DeploymentInput } from '../../../lib/config/index.ts';
import { executionPolicy } from '../../../lib/operator/bootstrap/execution-policy.ts';
import { permissionsBoundary } from '../../../lib/operator/bootstrap/permissions-boundary.ts';
import { bootstrapPlaces } from '../../../lib/operator/bootstrap/places.ts';
import {
  attachedPolicies,
  environmentServices,
  neverOfATemplate,
  toolsServices,
} from '../../../lib/operator/bootstrap/services.ts';
import { changeDatabase } from '../../infrastructure/example-deployment.ts';
import { exampleDeployment } from '../../infrastructure/synthesize.ts';
import { resources } from '../../infrastructure/template.ts';
import { allowed, type Call, refused } from '../iam/evaluate.ts';
import { handlerPermissions } from '../iam/handlers.ts';
import { callsOfTemplate, type StackTemplate } from '../iam/template-needs.ts';
import { type SynthesizedPipeline, synthesizePipeline } from '../synthesized-pipeline.ts';
import { largest, variant, variants } from '../variants.ts';

/** Sets the longest allowed names of those that are cut in role names. */
function longestNames(input: DeploymentInput): void {
  input.name = 'music-store-platform';
  input.environments.forEach((environment, index) => {
    environment.name = `production${index}0`;
  });
}

function oneAccount({ tools, environments }: DeploymentInput): void {
  for (const [index, environment] of environments.entries()) {
    environment.account = tools.account;
    changeDatabase(environment, { identifier: `database${index}` });
  }
}

const more: Readonly<Record<string, () => Deployment>> = {
  'the longest names, in two regions': () =>
    exampleDeployment((input) => {
      longestNames(input);
      for (const environment of input.environments.slice(1)) environment.region = 'eu-west-1';
    }),
  'the longest names, in one account for everything': () =>
    exampleDeployment((input) => {
      longestNames(input);
      oneAccount(input);
    }),
};

const deployed: [string, () => SynthesizedPipeline][] = [
  ...[...Object.keys(variants), largest].map((name): [string, () => SynthesizedPipeline] => [
    name,
    () => variant(name),
  ]),
  ...Object.entries(more).map(([name, make]): [string, () => SynthesizedPipeline] => {
    let synthesized: SynthesizedPipeline | undefined;
    return [name, () => (synthesized ??= synthesizePipeline(make()))];
  }),
];

function stacksOf({ templates }: SynthesizedPipeline): StackTemplate[] {
  return [...templates].map(([place, template]) => {
    const [account = '', region = '', stackName = ''] = place.split('/');
    return { account, region, stackName, template };
  });
}

const inTools = ({ deployment }: SynthesizedPipeline, account: string) =>
  account === deployment.tools.account;

describe.each(deployed)('With its own deployment policies, %s', (_, synthesized) => {
  test('CloudFormation may make every call that the templates need', async () => {
    const pipeline = synthesized();
    for (const stack of stacksOf(pipeline)) {
      const identity = [executionPolicy(pipeline.deployment, stack.account)];
      expect(await refused(callsOfTemplate(stack), { identity }), stack.stackName).toEqual([]);
    }
  });

  test('every role of every template carries the boundary', () => {
    const { deployment } = synthesized();
    for (const { template, stackName } of stacksOf(synthesized())) {
      for (const [id, { Properties }] of resources(template, 'AWS::IAM::Role')) {
        expect(JSON.stringify(Properties.PermissionsBoundary), `${stackName} ${id}`).toContain(
          `:policy/${deployment.name}-boundary`,
        );
      }
    }
  });

  test('no policy is longer than IAM allows', () => {
    const { deployment } = synthesized();
    for (const { account } of bootstrapPlaces(deployment)) {
      for (const policy of [executionPolicy(deployment, account), permissionsBoundary(deployment, account)]) {
        expect(JSON.stringify(policy).length).toBeLessThanOrEqual(6144);
      }
    }
  });
});

describe('The deployment policies', () => {
  /** The AWS services in all templates of the tools account or of other accounts, in deployments that separate the two. */
  function servicesUsed(tools: boolean): string[] {
    const actions = deployed
      .map(([, synthesized]) => synthesized())
      .flatMap((pipeline) =>
        stacksOf(pipeline)
          .filter(({ account }) => inTools(pipeline, account) === tools)
          .filter(() => pipeline.deployment.environments.some(({ account }) => !inTools(pipeline, account)))
          .flatMap(callsOfTemplate),
      );
    const elsewhere = /^(iam|cloudformation|route53|code(star-)?connections)$/;
    return [...new Set(actions.map(({ action }) => action.split(':')[0] ?? ''))]
      .filter((service) => !elsewhere.test(service))
      .sort();
  }

  test('allow exactly the AWS services of the templates', () => {
    expect(servicesUsed(true)).toEqual([...toolsServices]);
    expect(servicesUsed(false)).toEqual([...environmentServices]);
  });

  test('allow attaching exactly the AWS managed policies that the templates attach', () => {
    const templates = deployed.flatMap(([, synthesized]) => [...synthesized().templates.values()]);
    const attached = JSON.stringify(templates).match(/(?<=:iam::aws:policy\/)[\w/-]+/g);
    expect([...attachedPolicies]).toEqual([...new Set(attached)].sort());
  });

  test('deny nothing that a resource of these templates needs', () => {
    const needed = [...handlerPermissions.values()].flat();
    for (const denied of neverOfATemplate) {
      const pattern = new RegExp(`^${denied.replaceAll('*', '.*')}$`, 'i');
      expect(needed.filter((action) => pattern.test(action))).toEqual([]);
    }
  });

  test('are based on a table with exactly the resource types of the templates', () => {
    const types = deployed.flatMap(([, synthesized]) =>
      [...synthesized().templates.values()].flatMap(({ Resources }) =>
        Object.values(Resources).map(({ Type }) => Type),
      ),
    );
    expect([...handlerPermissions.keys()].sort()).toEqual(
      [...new Set(types)].filter((type) => !type.startsWith('Custom::')).sort(),
    );
  });
});

describe('A call that no template needs', () => {
  const deployment = exampleDeployment();
  const [tools, production] = ['111111111111', '333333333333'];
  const own = `arn:aws:iam::${production}:role/windows-auth-production-network-Role`;
  const boundary = { 'iam:PermissionsBoundary': `arn:aws:iam::${production}:policy/windows-auth-boundary` };
  const table: readonly (readonly [action: string, resource: string, context?: Call['context']])[] = [
    ['iam:CreateRole', own],
    ['iam:CreateRole', own, { 'iam:PermissionsBoundary': 'arn:aws:iam::aws:policy/AdministratorAccess' }],
    ['iam:PutRolePolicy', own],
    ['iam:UpdateAssumeRolePolicy', own],
    [
      'iam:AttachRolePolicy',
      own,
      { 'iam:PolicyARN': 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore' },
    ],
    [
      'iam:AttachRolePolicy',
      own,
      { ...boundary, 'iam:PolicyARN': 'arn:aws:iam::aws:policy/AdministratorAccess' },
    ],
    ['iam:DeleteRolePermissionsBoundary', own, boundary],
    [
      'iam:PutRolePermissionsBoundary',
      own,
      { 'iam:PermissionsBoundary': 'arn:aws:iam::aws:policy/AdministratorAccess' },
    ],
    ['iam:CreateRole', `arn:aws:iam::${production}:role/other-production-x`, boundary],
    ['iam:CreateRole', `arn:aws:iam::${production}:role/windows-auth-x`, boundary],
    ['iam:PassRole', `arn:aws:iam::${production}:role/Admin`],
    [
      'iam:PassRole',
      `arn:aws:iam::${production}:role/cdk-wind0e5fc5-cfn-exec-role-${production}-eu-central-1`,
    ],
    ['iam:CreatePolicyVersion', boundary['iam:PermissionsBoundary']],
    ['iam:SetDefaultPolicyVersion', boundary['iam:PermissionsBoundary']],
    ['iam:DeletePolicy', boundary['iam:PermissionsBoundary']],
    ['iam:CreatePolicy', `arn:aws:iam::${production}:policy/windows-auth-production-x`],
    ['iam:CreateUser', `arn:aws:iam::${production}:user/windows-auth-production-x`],
    ['iam:CreateAccessKey', `arn:aws:iam::${production}:user/windows-auth-production-x`],
    ['iam:CreateOpenIDConnectProvider', `arn:aws:iam::${production}:oidc-provider/example.com`],
    ['sts:AssumeRole', own],
    [
      'cloudformation:CreateStack',
      `arn:aws:cloudformation:eu-central-1:${production}:stack/windows-auth-x/id`,
    ],
    [
      'cloudformation:UpdateStack',
      `arn:aws:cloudformation:eu-central-1:${production}:stack/windows-auth-deployment/id`,
    ],
    ['organizations:LeaveOrganization', '*'],
    ['route53:ChangeResourceRecordSets', 'arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ'],
    ['route53:CreateHostedZone', '*'],
    ['ec2:CreateVpcPeeringConnection', '*'],
    ['ec2:ModifySnapshotAttribute', `arn:aws:ec2:eu-central-1::snapshot/snap-1`],
    ['rds:ModifyDBSnapshotAttribute', `arn:aws:rds:eu-central-1:${production}:snapshot:last`],
    ['lambda:CreateFunctionUrlConfig', `arn:aws:lambda:eu-central-1:${production}:function:x`],
    ['ssm:SendCommand', `arn:aws:ec2:eu-central-1:${production}:instance/i-1`],
    ['ds:ResetUserPassword', `arn:aws:ds:eu-central-1:${production}:directory/d-1`],
    ['secretsmanager:PutResourcePolicy', `arn:aws:secretsmanager:eu-central-1:${production}:secret:x`],
    ['dynamodb:CreateTable', `arn:aws:dynamodb:eu-central-1:${production}:table/x`],
    ['ec2:RunInstances', `arn:aws:ec2:us-east-1:${production}:instance/i-1`],
  ];

  test('is refused', async () => {
    const calls = table.map(([action, resource, context = {}]): Call => {
      const principal = `arn:aws:iam::${production}:role/cdk-wind0e5fc5-cfn-exec-role-${production}-eu-central-1`;
      return { principal, action, resource, context, region: resource.split(':')[3] || 'eu-central-1' };
    });
    expect(await allowed(calls, { identity: [executionPolicy(deployment, production)] })).toEqual([]);
  });

  test('is refused on another deployment in the same account whose name begins alike', async () => {
    const windows = exampleDeployment((input) => {
      input.name = 'windows';
    });
    const principal = `arn:aws:iam::${tools}:role/cdk-wind0e5fc5-cfn-exec-role-${tools}-eu-central-1`;
    const calls = ['iam:PassRole', 'iam:GetRole'].map((action) => ({
      principal,
      action,
      resource: `arn:aws:iam::${tools}:role/windows-auth-pipeline-PipelineRole-x`,
    }));
    expect(await allowed(calls, { identity: [executionPolicy(windows, tools)] })).toEqual([]);
    expect(await refused(calls, { identity: [executionPolicy(deployment, tools)] })).toEqual([]);
  });
});
