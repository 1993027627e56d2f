import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { changeSummary, summaryLimit } from '../../lib/programs/changes/change-summary.ts';
import { stackChanges } from '../../lib/programs/changes/changes.ts';

type Resources = Readonly<
  Record<
    string,
    {
      readonly Type: string;
      readonly Properties?: unknown;
      readonly Metadata?: Readonly<Record<string, unknown>>;
    }
  >
>;

const at = (path: string) => ({ 'aws:cdk:path': `pipeline/production-database/${path}/Resource` });
const instance = (identifier: string, extra = {}) => ({
  Type: 'AWS::RDS::DBInstance',
  Properties: { DBInstanceIdentifier: identifier, ...extra },
  Metadata: at('SqlServer'),
});
const bucket = (name: string) => ({
  Type: 'AWS::S3::Bucket',
  Properties: { BucketName: name },
  Metadata: at(name),
});
const rule = (name: string) => ({
  Type: 'AWS::Events::Rule',
  Properties: { Name: name, ScheduleExpression: 'rate(1 day)' },
});
const queue = (name: string) => ({ Type: 'AWS::SQS::Queue', Properties: { QueueName: name } });
const task = (cpu: string) => ({ Type: 'AWS::ECS::TaskDefinition', Properties: { Cpu: cpu } });
const role = (...actions: string[]) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Statement: [
        { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' } },
      ],
    },
    Policies: [
      {
        PolicyName: 'own',
        PolicyDocument: { Statement: actions.map((Action) => ({ Effect: 'Allow', Action, Resource: '*' })) },
      },
    ],
  },
});

const compare = (before: Resources | undefined, after: Resources, name = 'database') =>
  stackChanges(name, before && { Resources: before }, { Resources: after } as never);
const summary = (before: Resources | undefined, after: Resources) => changeSummary([compare(before, after)]);

describe('The one-line summary of changes shows', () => {
  test('replaced and removed resources first, and among these the ones that hold data', () => {
    const before = {
      Rule: rule('one'),
      Queue: queue('old'),
      Instance: instance('music'),
      Bucket: bucket('logs'),
      Kept: queue('kept'),
    };
    const after = { Rule: rule('two'), Instance: instance('songs'), Kept: queue('kept'), New: queue('new') };
    expect(summary(before, after)).toBe(
      'REPLACES SqlServer (RDS::DBInstance, STATEFUL), Rule (Events::Rule). ' +
        'REMOVES logs (S3::Bucket, STATEFUL), Queue (SQS::Queue). 1 added.',
    );
  });

  test('resources that may be replaced, which CloudFormation decides only during the update', () => {
    const before = {
      Instance: instance('music', {
        EngineVersion: '16.00.4236.2.v1',
        StorageEncrypted: true,
        KmsKeyId: 'a',
      }),
    };
    const after = {
      Instance: instance('music', {
        EngineVersion: '16.00.4236.2.v1',
        StorageEncrypted: true,
        KmsKeyId: 'b',
      }),
    };
    expect(summary(before, after)).toMatch(
      /^(REPLACES|May replace) SqlServer \(RDS::DBInstance, STATEFUL\)\.$/,
    );
  });

  test('broadened permissions by stack, and narrowed ones as plain changes', () => {
    expect(summary({ Role: role('s3:GetObject') }, { Role: role('s3:GetObject', 's3:PutObject') })).toBe(
      'PERMISSIONS BROADENED in database. 1 changed.',
    );
    expect(summary({ Role: role('s3:GetObject', 's3:PutObject') }, { Role: role('s3:GetObject') })).toBe(
      '1 changed.',
    );
  });

  test('a newly opened port as broadened permissions', () => {
    const group = (...ports: number[]) => ({
      Type: 'AWS::EC2::SecurityGroup',
      Properties: {
        SecurityGroupIngress: ports.map((port) => ({
          CidrIp: '10.0.0.0/8',
          IpProtocol: 'tcp',
          FromPort: port,
          ToPort: port,
        })),
      },
    });
    expect(summary({ Group: group(443) }, { Group: group(443, 1433) })).toContain(
      'PERMISSIONS BROADENED in database.',
    );
  });

  test('a new revision of a task, not as a replacement', () => {
    expect(summary({ Task: task('256') }, { Task: task('512') })).toBe('1 new revision.');
  });

  test('a new stack as such, without a list of additions or broadened permissions', () => {
    expect(summary(undefined, { Instance: instance('music'), Role: role('s3:*') })).toBe(
      'New: database (2 resources).',
    );
  });

  test('that nothing would change', () => {
    expect(summary({ Queue: queue('same') }, { Queue: queue('same') })).toBe('Nothing would change.');
  });

  test('at most as much as fits into an approval: fewer names, but every sentence', () => {
    const many = Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [`Old${index}`, bucket(`${'long-name-'.repeat(12)}${index}`)]),
    );
    const stacks = Array.from({ length: 6 }, () => compare(many, { Instance: instance('music') }));
    const replacing = compare(
      { Instance: instance('a'), Role: role('a:B') },
      { Instance: instance('b'), Role: role('a:B', 'a:C') },
    );
    const text = changeSummary([...stacks, replacing, compare(undefined, { Queue: queue('q') }, 'service')]);
    expect(text.length).toBeLessThanOrEqual(summaryLimit);
    expect(summaryLimit).toBeLessThan(1000);
    expect(text).toMatch(/^REPLACES SqlServer \(RDS::DBInstance, STATEFUL\)\. REMOVES long-name-/);
    expect(text).toMatch(
      / and 35\d more \(35\d STATEFUL\)\. PERMISSIONS BROADENED in database\. New: service/,
    );
  });

  test('the largest number of stacks: fewer names, but every sentence', () => {
    const name = (index: number) => `a-name-of-20-letters-environment1-service-${'x'.repeat(12)}${index}`;
    const stacks = Array.from({ length: 60 }, (_, index) => compare(undefined, {}, name(index)));
    const broadened = Array.from({ length: 20 }, (_, index) =>
      compare({ Role: role('a:B') }, { Role: role('a:B', 'a:C') }, name(index)),
    );
    const left = Array.from({ length: 20 }, (_, index) => name(index));
    const text = changeSummary([...stacks, ...broadened], left);
    expect(text.length).toBeLessThanOrEqual(summaryLimit);
    expect(text).toMatch(
      /^NO LONGER DELIVERED, .*x1, .* and 1\d more \(.*\)\. PERMISSIONS BROADENED in .* and 1\d more\. New: .* and 5\d more\. 20 changed\.$/,
    );
  });

  test('images that are not built or signed here, with the beginning of the digest', () => {
    const uri = `444444444444.dkr.ecr.eu-central-1.amazonaws.com/team/reports@sha256:${'a'.repeat(64)}`;
    expect(changeSummary([], [], [uri])).toBe(
      'NOT BUILT OR SIGNED HERE: 444444444444.dkr.ecr.eu-central-1.amazonaws.com/team/reports@sha256:aaaaaaaa….',
    );
    const many = changeSummary([], [], Array(60).fill(uri));
    expect(many.length).toBeLessThanOrEqual(summaryLimit);
    expect(many).toContain('more');
  });

  test('stacks that are no longer delivered, and where the procedure is described', () => {
    const text = changeSummary([], ['windows-auth-staging-service-worker']);
    expect(text).toBe(
      'NO LONGER DELIVERED, and still there until you delete: windows-auth-staging-service-worker (operate.md, "Take a service out").',
    );
    expect(readFileSync('docs/operate.md', 'utf8')).toContain('\n### Take a service out\n');
  });

  test('no line break, and nothing that a shell or a CodePipeline template would interpret', () => {
    const text = summary(
      { Instance: instance('music'), Role: role('a:B') },
      { Role: role('a:B', 'a:C'), New: queue('n') },
    );
    expect(text).not.toMatch(/[\n\r]|#\{/);
  });
});
