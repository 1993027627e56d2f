import { describe, expect, test } from 'vitest';
import { exampleDeployment, fullDeployment, synthesize } from './synthesize.ts';
import { all, list, objectsIn, type SynthesizedTemplate } from './template.ts';

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | string[];
  readonly Resource?: unknown;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

const syntheses = [exampleDeployment(), fullDeployment()].map(synthesize);
const templates = syntheses.flatMap(({ templates }) => [...templates]);

/** All statements that allow something, in whatever policy they stand; that of an endpoint takes away, and gives nothing. */
function allowed(template: SynthesizedTemplate): Statement[] {
  const given = Object.values(template.Resources).filter(({ Type }) => Type !== 'AWS::EC2::VPCEndpoint');
  return (
    [...objectsIn(given)]
      // A key is given to its account, whose own policies say who may use it: without this nobody could.
      .filter((object) => !isKeyOfAccount(object))
      .filter((object) => object.Effect === 'Allow' && object.Action !== undefined)
      .map((object) => object as unknown as Statement)
  );
}

function isKeyOfAccount({ Action, Principal }: Record<string, unknown>): boolean {
  return Action === 'kms:*' && /:iam::\d{12}:root|"AWS::AccountId"/.test(JSON.stringify(Principal));
}

/**
 * Actions for which IAM knows no resources, or none that could be named before they exist, and who needs them.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
const withoutResources: Readonly<Record<string, string>> = {
  'ecr:GetAuthorizationToken': 'ECS, to pull images',
  'ds:DescribeDirectories': 'RDS and the management host, to join the domain',
  'ds:CreateComputer': 'the management host, to join the domain',
  'secretsmanager:GetRandomPassword': 'functions that make a password',
  'ec2:CreateNetworkInterface': 'CodeBuild, in the VPC, which is said to need it so',
  'ec2:DeleteNetworkInterface': 'CodeBuild, in the VPC, which is said to need it so',
  'ec2:DescribeManagedPrefixLists': 'the function that finds the addresses of S3',
  'ec2:DescribeNetworkInterfaces': 'Lambda and CodeBuild, in the VPC',
  'ec2:DescribeSubnets': 'Lambda and CodeBuild, in the VPC',
  'ec2:DescribeDhcpOptions': 'CodeBuild, in the VPC',
  'ec2:DescribeSecurityGroups': 'CodeBuild, in the VPC',
  'ec2:DescribeVpcs': 'CodeBuild, in the VPC',
  'logs:CreateLogDelivery': 'Step Functions, to log',
  'logs:GetLogDelivery': 'Step Functions, to log',
  'logs:UpdateLogDelivery': 'Step Functions, to log',
  'logs:DeleteLogDelivery': 'Step Functions, to log',
  'logs:ListLogDeliveries': 'Step Functions, to log',
  'logs:PutResourcePolicy': 'Step Functions, to log',
  'logs:DescribeResourcePolicies': 'Step Functions, to log',
  'logs:DescribeLogGroups': 'Step Functions, to log',
  'xray:PutTraceSegments': 'Step Functions, to trace',
  'xray:PutTelemetryRecords': 'Step Functions, to trace',
  'xray:GetSamplingRules': 'Step Functions, to trace',
  'xray:GetSamplingTargets': 'Step Functions, to trace',
};

describe('Permissions', () => {
  test.each(templates)('of %s name each action', (_, template) => {
    for (const { Action } of allowed(template)) {
      for (const action of list(Action)) expect(action).not.toContain('*');
    }
  });

  test.each(templates)('of %s name each resource, where there is one', (_, template) => {
    const everywhere = allowed(template)
      .filter(({ Resource, Principal }) => Principal === undefined && list(Resource).includes('*'))
      .flatMap(({ Action }) => list(Action));
    expect(everywhere.filter((action) => !(action in withoutResources))).toEqual([]);
  });

  test.each(templates)('of %s are given to nobody unknown', (_, template) => {
    for (const { Principal } of allowed(template)) {
      expect(JSON.stringify(Principal) ?? '').not.toContain('"*"');
    }
  });

  test('of each service are for work on this account alone, where another could be meant', () => {
    const confusable = /^(rds|directoryservice\.rds|cloudwatch)\.amazonaws\.com$/;
    const found = templates
      .flatMap(([, template]) => allowed(template))
      .filter(({ Principal }) => {
        const { Service } = (Principal ?? {}) as { Service?: string | string[] };
        return list(Service).some((name) => confusable.test(name));
      });
    expect(found.length).toBeGreaterThan(0);
    for (const { Condition } of found) expect(JSON.stringify(Condition)).toContain('aws:SourceAccount');
  });

  test.each(templates)('of %s let services call functions for this account alone', (_, template) => {
    for (const { Principal, SourceAccount, SourceArn } of all(template, 'AWS::Lambda::Permission')) {
      expect(SourceAccount ?? SourceArn, Principal).toBeDefined();
    }
  });
});
