import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack, Validations } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { afterAll, expect, test } from 'vitest';
import { context } from '../../../test/infrastructure/synthesize.ts';
import { validator } from '../../../test/infrastructure/validator.ts';
import { createGuardedApp } from '../../application.ts';
import { type Environment, loadDeployment } from '../../config/index.ts';
import { subnetGroups } from '../network/subnet-groups.ts';
import { DirectoryUser } from './directory-user.ts';
import { DirectoryUserRotation } from './directory-user-rotation.ts';

const outdir = mkdtempSync(join(tmpdir(), 'synth-'));
afterAll(() => rmSync(outdir, { recursive: true }));

const deployment = loadDeployment(context.deployment);
const environment = deployment.environments[0] as Environment;

function synthesized(): Template {
  const app = createGuardedApp({ context, outdir });
  Validations.of(app).addPlugins(validator());
  const stack = new Stack(app, 'stack', {
    env: { account: environment.account, region: environment.region },
  });
  const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ['eu-central-1a', 'eu-central-1b'],
    isolatedSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
    isolatedSubnetNames: [subnetGroups.private],
    isolatedSubnetRouteTableIds: ['rtb-0123456789abcdef0', 'rtb-0123456789abcdef1'],
  });
  const alarmTopic = Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:eu-central-1:222222222222:alarms');
  const common = {
    context: { deployment, environment },
    directoryId: 'd-0123456789',
    alarmTopic,
  } as const;
  const user = new DirectoryUser(stack, 'DirectoryUser', {
    ...common,
    user: { name: 'db-user', adopt: false, rotationDays: 30 },
  });
  const other = new DirectoryUser(stack, 'Other', {
    ...common,
    user: { name: 'worker-user', adopt: false, rotationDays: 29 },
    service: 'worker',
  });
  new DirectoryUserRotation(stack, 'Rotation', {
    ...common,
    users: [user, other],
    domainControllers: ['10.0.4.10', '10.0.5.10'],
    vpc,
    awsAccess: {
      endpointSecurityGroupId: 'sg-0123456789abcdef0',
      elsewhere: [],
      s3PrefixListId: 'pl-01234567',
    },
  });
  return Template.fromStack(stack);
}
const template = synthesized();

test('the functions run on a pinned runtime, with a log and a dead-letter queue of their own', () => {
  template.resourceCountIs('AWS::Lambda::Function', 3);
  template.allResourcesProperties('AWS::Lambda::Function', {
    Runtime: 'nodejs24.x',
    LoggingConfig: { LogGroup: Match.anyValue(), LogFormat: 'JSON' },
    DeadLetterConfig: Match.anyValue(),
  });
  template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: environment.logRetentionDays });
});

test('every alarm goes to the topic and names its section of the runbook', () => {
  template.resourceCountIs('AWS::CloudWatch::Alarm', 3);
  template.allResourcesProperties('AWS::CloudWatch::Alarm', {
    AlarmActions: [Match.stringLikeRegexp('alarms$')],
    AlarmDescription: Match.stringLikeRegexp('docs/operate.md#[a-z-]+'),
  });
});

test("a function's alarm counts FAILED responses, which are not Lambda errors", () => {
  const filters = Object.values(template.findResources('AWS::Logs::MetricFilter'));
  expect(filters).toHaveLength(3);
  for (const { Properties } of filters) {
    expect(Properties.FilterPattern).toBe('{ $.level = "ERROR" }');
    const [{ MetricName, MetricNamespace }] = Properties.MetricTransformations;
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: MetricName,
      Metrics: Match.arrayWith([
        Match.objectLike({ Expression: Match.stringLikeRegexp('FILL\\(failed, 0\\)') }),
        Match.objectLike({
          Id: 'failed',
          MetricStat: Match.objectLike({ Metric: { MetricName, Namespace: MetricNamespace } }),
        }),
      ]),
    });
  }
});

test("each user's rotation is on, has its own interval, and is created after the user", () => {
  const [user, other] = Object.keys(template.findResources('Custom::DirectoryUser'));
  template.resourceCountIs('AWS::SecretsManager::RotationSchedule', 2);
  for (const [of, days] of [
    [user, 30],
    [other, 29],
  ]) {
    template.hasResource('AWS::SecretsManager::RotationSchedule', {
      Properties: {
        RotateImmediatelyOnUpdate: false,
        RotationRules: { ScheduleExpression: `rate(${days} days)` },
      },
      DependsOn: Match.arrayWith([of]),
    });
  }
});

test('the rotation reaches DNS, the endpoints and the domain controllers, and nothing else', () => {
  template.hasResourceProperties('AWS::EC2::SecurityGroup', {
    SecurityGroupEgress: [
      Match.objectLike({ CidrIp: '10.0.0.0/16', FromPort: 53, IpProtocol: 'udp' }),
      Match.objectLike({ CidrIp: '10.0.0.0/16', FromPort: 53, IpProtocol: 'tcp' }),
      Match.objectLike({ DestinationSecurityGroupId: 'sg-0123456789abcdef0', FromPort: 443, ToPort: 443 }),
      Match.objectLike({ CidrIp: '10.0.4.10/32', FromPort: 88, ToPort: 88 }),
      Match.objectLike({ CidrIp: '10.0.5.10/32', FromPort: 88, ToPort: 88 }),
    ],
  });
});

test('only actions without a resource level are allowed on all resources', () => {
  const everywhere = Object.values(template.findResources('AWS::IAM::Role'))
    .flatMap(({ Properties }) => Properties.Policies ?? [])
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .filter(({ Effect, Resource }) => Effect === 'Allow' && Resource === '*')
    .flatMap(({ Action }) => Action);
  expect(new Set(everywhere.filter((action) => !action.startsWith('ec2:Describe')))).toEqual(
    new Set(['secretsmanager:GetRandomPassword']),
  );
});
