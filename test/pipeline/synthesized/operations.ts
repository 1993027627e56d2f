import { describe, expect, test } from 'vitest';
import { imageNames } from '../../../lib/config/index.ts';
import { exampleDeployment } from '../../infrastructure/synthesize.ts';
import { all, list, only, resources, type SynthesizedTemplate } from '../../infrastructure/template.ts';
import { validated } from '../../infrastructure/validated.ts';
import { keptBetweenBuilds, sharedStreams } from '../invariants/between-builds.ts';
import { Grants } from '../invariants/grants.ts';
import { type SynthesizedPipeline, synthesizePipeline } from '../synthesized-pipeline.ts';
import { variant, variants } from '../variants.ts';

const notified = synthesizePipeline(
  exampleDeployment((deployment) => {
    deployment.pipeline = { notificationEmail: 'operators@example.com', artifactRetentionDays: 7 };
  }),
);
const everything: [string, SynthesizedPipeline][] = Object.keys(variants).map((name) => [
  name,
  variant(name),
]);

/** The templates of the tools account, by stack. */
const tools = ({ templates, deployment }: SynthesizedPipeline) =>
  [...templates].filter(([stack]) => stack.startsWith(`${deployment.tools.account}/`));

describe.each([...everything, ['notifications by e-mail', notified] as const])(
  'The pipeline of %s',
  (_, synthesized) => {
    const { template } = synthesized;

    test('is of type V2; executions queue, and restart after the pipeline has updated itself', () => {
      expect(only(template, 'AWS::CodePipeline::Pipeline')).toMatchObject({
        PipelineType: 'V2',
        ExecutionMode: 'QUEUED',
        RestartExecutionOnUpdate: true,
      });
    });

    test('rechecks every stack that runs tasks, twice a day', () => {
      const [recheck] = all(template, 'AWS::CodeBuild::Project').filter(({ Name }) =>
        Name.endsWith('-recheck-images'),
      );
      const told = recheck.Environment.EnvironmentVariables.find(
        ({ Name }: { Name: string }) => Name === 'RUNNING_SERVICES',
      );
      const running = [...synthesized.templates].filter(
        ([, each]) => resources(each, 'AWS::ECS::TaskDefinition').length > 0,
      );
      expect(
        told.Value.split(' ')
          .flatMap((place: string) => {
            const [, region, stacks = ''] = place.split('/');
            return stacks.split(',').map((stack) => `${region}/${stack}`);
          })
          .sort(),
      ).toEqual(running.map(([place]) => place.split('/').slice(1).join('/')).sort());
    });

    test('has rotated KMS keys only, besides the one for signatures', () => {
      for (const [, { Resources }] of tools(synthesized)) {
        for (const resource of Object.values(Resources)) {
          // KMS does not rotate signing keys: a signature is verified with the key that made it.
          if (resource.Type === 'AWS::KMS::Key' && resource.Properties.KeyUsage !== 'SIGN_VERIFY')
            expect(resource.Properties.EnableKeyRotation).toBe(true);
        }
      }
      expect(all(template, 'AWS::KMS::Key')).toHaveLength(3);
    });

    test('keeps artifacts as long as configured, encrypted and not public', () => {
      const days = synthesized.deployment.pipeline.artifactRetentionDays;
      const buckets = tools(synthesized).flatMap(([, { Resources }]) =>
        Object.values(Resources).filter(({ Type }) => Type === 'AWS::S3::Bucket'),
      );
      expect(buckets.length).toBeGreaterThanOrEqual(2);
      for (const { Properties } of buckets) {
        // Signed statements about images are kept.
        const kept = /-provenance-/.test(Properties.BucketName ?? '');
        expect(Properties.LifecycleConfiguration.Rules).toEqual([
          {
            Status: 'Enabled',
            ...(!kept && {
              ExpirationInDays: days,
              NoncurrentVersionExpiration: { NoncurrentDays: days },
            }),
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
          },
        ]);
        expect(Properties.PublicAccessBlockConfiguration).toEqual({
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        });
      }
      const stores = only(template, 'AWS::CodePipeline::Pipeline');
      const artifactStores = stores.ArtifactStores?.map(({ ArtifactStore }: never) => ArtifactStore) ?? [
        stores.ArtifactStore,
      ];
      for (const store of artifactStores) expect(store.EncryptionKey.Type).toBe('KMS');
    });

    test('notifies people of failures and waiting approvals', () => {
      expect(only(template, 'AWS::CodeStarNotifications::NotificationRule')).toMatchObject({
        DetailType: 'FULL',
        EventTypeIds: [
          'codepipeline-pipeline-pipeline-execution-failed',
          'codepipeline-pipeline-manual-approval-needed',
        ],
        Targets: [
          { TargetType: 'SNS', TargetAddress: { Ref: resources(template, 'AWS::SNS::Topic')[0]?.[0] } },
        ],
      });
    });

    test('lets CodeStar Notifications and CloudWatch alarms publish for this account only', () => {
      const grants = new Grants(template, synthesized.deployment.tools);
      const { account, region } = synthesized.deployment.tools;
      const services = (condition: object) =>
        ['cloudwatch', 'codestar-notifications'].map(
          (name) => `${name}.amazonaws.com if ${JSON.stringify(condition)}`,
        );
      const ofAccount = services({ StringEquals: { 'aws:SourceAccount': account } });
      const ofTopics = services({
        StringEquals: { 'kms:ViaService': `sns.${region}.amazonaws.com` },
        StringLike: { 'kms:EncryptionContext:aws:sns:topicArn': `arn:aws:sns:${region}:${account}:*` },
      });
      expect(grants.usersOf(only(template, 'AWS::SNS::TopicPolicy').PolicyDocument)).toEqual(ofAccount);
      const [, key] =
        resources(template, 'AWS::KMS::Key').find(([id]) => id.startsWith('Notifications')) ?? [];
      expect(grants.usersOf(key?.Properties.KeyPolicy)).toEqual(
        [`arn:aws:iam::${account}:root`, ...ofAccount, ...ofTopics].sort(),
      );
    });

    test('writes every log to one log group with a retention period, each project to its own streams', () => {
      expect(only(template, 'AWS::Logs::LogGroup').RetentionInDays).toBe(90);
      const [[group] = []] = resources(template, 'AWS::Logs::LogGroup');
      for (const { LogsConfig } of all(template, 'AWS::CodeBuild::Project')) {
        expect(LogsConfig.CloudWatchLogs).toMatchObject({ GroupName: { Ref: group }, Status: 'ENABLED' });
      }
      expect(sharedStreams(template)).toEqual([]);
    });

    test('has builds with time limits and encrypted artifacts, and only image builds are privileged', () => {
      for (const project of all(template, 'AWS::CodeBuild::Project')) {
        expect(project.TimeoutInMinutes).toBeLessThanOrEqual(40);
        // One project has no artifacts.
        if (project.Artifacts.Type !== 'NO_ARTIFACTS') expect(project.EncryptionKey).toBeDefined();
        expect(project.Environment.PrivilegedMode).toBe(project.Name.startsWith('windows-auth-image-'));
      }
    });

    test('builds images in parallel, on the processor they will run on, each in its own machine', () => {
      const { architecture } = synthesized.deployment.images;
      const building = all(template, 'AWS::CodeBuild::Project').filter(
        ({ Environment }) => Environment.PrivilegedMode,
      );
      expect(building.map(({ Name }) => Name).sort()).toEqual(
        imageNames(synthesized.deployment)
          .map((image) => `windows-auth-image-${image}`)
          .sort(),
      );
      for (const { Environment } of building) {
        expect(Environment.Type).toBe(architecture === 'arm64' ? 'ARM_CONTAINER' : 'LINUX_CONTAINER');
        const variables = Environment.EnvironmentVariables as { Name: string; Value: string }[];
        const value = (name: string) => variables.find(({ Name }) => Name === name)?.Value;
        expect(value('FAIL_ON_SEVERITY')).toBe(synthesized.deployment.images.failOnSeverity);
      }
    });

    test('passes nothing from one build to the next: no Docker server, no cache, no reserved machines', () => {
      for (const each of synthesized.templates.values()) expect(keptBetweenBuilds(each)).toEqual([]);
    });

    test('leaves no resources after a failed first creation, so their names are free for the next attempt', () => {
      for (const [stack, { Resources }] of synthesized.templates) {
        const kept = Object.entries(Resources).filter(
          ([, { DeletionPolicy }]) => DeletionPolicy === 'Retain',
        );
        expect([stack, kept.map(([id]) => id)]).toEqual([stack, []]);
      }
    });

    test("is within the limits of CloudFormation, and of CodePipeline's approvals and names", () => {
      expect(JSON.stringify(template).length).toBeLessThan(500_000);
      for (const { name, actions } of synthesized.pipeline.stages) {
        expect(name).toMatch(/^[A-Za-z0-9.@_-]{1,100}$/);
        for (const action of actions) expect(action.name).toMatch(/^[A-Za-z0-9.@_-]{1,100}$/);
      }
    });

    test('satisfies the schemas of CloudFormation and cdk-nag', () => {
      const { report } = validated(synthesized.deployment);
      for (const plugin of ['CloudFormation Validate', 'AwsSolutions']) {
        const { conclusion, violations } = report.get(plugin) ?? {};
        expect(conclusion).toBe('success');
        expect(
          violations?.filter(
            ({ violatingConstructs: [first] }) => first?.constructPath.startsWith('pipeline/') === false,
          ),
        ).toEqual([]);
      }
    });

    test('has repositories with immutable tags, scans and lifecycle rules, which the environments may pull from', () => {
      for (const [stack, images] of tools(synthesized).filter(([name]) => name.endsWith('-images'))) {
        const region = stack.split('/')[1];
        const pulling = synthesized.deployment.environments.filter(
          (environment) => environment.region === region,
        );
        for (const repository of all(images, 'AWS::ECR::Repository')) {
          expect(repository).toMatchObject({
            ImageTagMutability: 'IMMUTABLE',
            ImageScanningConfiguration: { ScanOnPush: true },
          });
          expect(JSON.parse(repository.LifecyclePolicy.LifecyclePolicyText).rules).toHaveLength(2);
          const [statement] = list(repository.RepositoryPolicyText?.Statement);
          expect(list(statement?.Action)).not.toContain('ecr:PutImage');
          const principals = JSON.stringify(statement?.Principal ?? {});
          for (const { account } of pulling) expect(principals).toContain(account);
        }
      }
    });
  },
);

test('a configured e-mail address gets a subscription; without one there is none', () => {
  expect(only(notified.template, 'AWS::SNS::Subscription')).toMatchObject({
    Protocol: 'email',
    Endpoint: 'operators@example.com',
  });
  expect(all(variant('the example').template, 'AWS::SNS::Subscription')).toEqual([]);
});

describe('What one build could leave for another is found:', () => {
  const { template } = variant('the example');
  const index = all(template, 'AWS::CodeBuild::Project').findIndex(({ Name }) => Name.endsWith('-image-web'));
  const changed = (change: (project: Record<string, unknown> & { Environment: object }) => void) => {
    const copy = structuredClone(template);
    change(all(copy, 'AWS::CodeBuild::Project')[index]);
    return copy;
  };
  const docker = { DockerServer: { ComputeType: 'BUILD_GENERAL1_SMALL' } };

  test.each<[string, Parameters<typeof changed>[0]]>([
    ['a Docker server', ({ Environment }) => Object.assign(Environment, docker)],
    ['reserved machines', ({ Environment }) => Object.assign(Environment, { Fleet: {} })],
    ['file systems', (project) => Object.assign(project, { FileSystemLocations: [] })],
    ['a cache', (project) => Object.assign(project, { Cache: { Type: 'LOCAL' } })],
  ])('%s', (what, change) => {
    expect(keptBetweenBuilds(changed(change))).toEqual([`windows-auth-image-web has ${what}`]);
  });

  test.each<[string, (streams: Record<string, unknown>) => void]>([
    ['no stream', (logs) => delete logs.StreamName],
    ["another's stream", (logs) => Object.assign(logs, { StreamName: 'windows-auth-tests' })],
  ])('a log in %s', (_, change) => {
    const copy = changed(({ LogsConfig }) =>
      change((LogsConfig as { CloudWatchLogs: Record<string, unknown> }).CloudWatchLogs),
    );
    expect(sharedStreams(copy)).toContain('windows-auth-image-web writes no streams of its own');
  });

  test('in every role, permission to write to another log streams, or no such permission', () => {
    const isLog = (statement: { Action?: unknown }) => list(statement.Action).includes('logs:PutLogEvents');
    const statementsOf = (each: SynthesizedTemplate) =>
      all(each, 'AWS::IAM::Policy').flatMap(({ PolicyDocument }) =>
        list(PolicyDocument.Statement).filter(isLog),
      );
    const count = statementsOf(template).length;
    expect(count).toBeGreaterThan(10);
    for (let place = 0; place < count; place++) {
      for (const change of [{ Resource: '*' }, { Effect: 'Deny' }]) {
        const copy = structuredClone(template);
        Object.assign(statementsOf(copy)[place], change);
        expect(sharedStreams(copy)).toHaveLength(1);
      }
    }
  });
});
