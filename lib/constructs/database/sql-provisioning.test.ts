import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack, Validations } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Port, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { context } from '../../../test/infrastructure/synthesize.ts';
import { validator } from '../../../test/infrastructure/validator.ts';
import { createGuardedApp } from '../../application.ts';
import { loadDeployment, type WithOwnDatabase } from '../../config/index.ts';
import { SqlProvisioning } from './sql-provisioning.ts';
import { SqlServer } from './sql-server.ts';

const outdir = mkdtempSync(join(tmpdir(), 'synth-'));
let template: Template;

beforeAll(() => {
  const deployment = loadDeployment(context.deployment);
  const environment = deployment.environments[0] as WithOwnDatabase;
  const app = createGuardedApp({ context, outdir });
  Validations.of(app).addPlugins(validator());
  const stack = new Stack(app, 'stack', {
    env: { account: environment.account, region: environment.region },
  });
  const subnets = ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'];
  const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ['eu-central-1a', 'eu-central-1b'],
    privateSubnetIds: subnets,
    privateSubnetNames: ['private'],
    privateSubnetRouteTableIds: ['rtb-0123456789abcdef0', 'rtb-0123456789abcdef1'],
    isolatedSubnetIds: subnets,
    isolatedSubnetNames: ['isolated'],
    isolatedSubnetRouteTableIds: ['rtb-0123456789abcdef0', 'rtb-0123456789abcdef1'],
  });
  const sqlServer = new SqlServer(stack, 'SqlServer', { environment, vpc, directoryId: 'd-0123456789' });
  new SqlProvisioning(stack, 'SqlProvisioning', {
    context: { deployment, environment },
    vpc,
    sqlServer: {
      host: sqlServer.instance.dbInstanceEndpointAddress,
      adminSecretArn: sqlServer.adminSecretArn,
      reach: (client) => {
        client.connections.allowTo(sqlServer.securityGroup, Port.tcp(1433), 'SQL Server');
        return sqlServer.securityGroup;
      },
    },
    alarmTopic: Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:eu-central-1:222222222222:alarms'),
  });
  template = Template.fromStack(stack);
});
afterAll(() => rmSync(outdir, { recursive: true }));

test('the function reads the admin secret and no other', () => {
  const statements = Object.values(template.findResources('AWS::IAM::Role'))
    .flatMap(({ Properties }) => Properties.Policies ?? [])
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .filter(({ Action }) => String(Action).startsWith('secretsmanager:'));
  expect(statements).toEqual([
    {
      Action: 'secretsmanager:GetSecretValue',
      Effect: 'Allow',
      Resource: { 'Fn::GetAtt': [expect.stringMatching(/^SqlServerInstance/), 'MasterUserSecret.SecretArn'] },
    },
  ]);
});

test('the database waits until the function can reach SQL Server', () => {
  const rules = Object.keys({
    ...template.findResources('AWS::EC2::SecurityGroupIngress'),
    ...template.findResources('AWS::EC2::SecurityGroupEgress'),
  }).sort();
  expect(rules).toHaveLength(3);
  template.hasResource('Custom::SqlDatabase', {
    Properties: { Login: 'CORP\\db-user', Database: 'Music', ServiceTimeout: '3000' },
    DependsOn: Match.arrayWith(rules),
  });
});

test('the bundle holds the scripts of the music store next to its module', () => {
  const asset = readdirSync(outdir).find((name) => readdirNames(name).includes('music-store')) ?? '';
  expect(readdirNames(asset)).toEqual(['index.mjs', 'music-store']);
  expect(readFileSync(join(outdir, asset, 'music-store', '002-data.sql'), 'utf8')).toContain('Abbey Road');
});

function readdirNames(name: string): string[] {
  return name.startsWith('asset.') && !name.includes('.zip') ? readdirSync(join(outdir, name)).sort() : [];
}
