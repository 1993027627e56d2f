import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeFailedStacks, type FakeResource } from './fakes/failed-stacks.ts';
import { type Harness, startHarness } from './release-harness.ts';

const failed = ['CREATE_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS', 'ROLLBACK_FAILED'];
const rolledBack = ['CREATE_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS', 'ROLLBACK_COMPLETE'];
const complete = ['CREATE_IN_PROGRESS', 'CREATE_COMPLETE'];

let cloud: FakeFailedStacks;
let harness: Harness;
beforeEach(async () => {
  cloud = new FakeFailedStacks();
  harness = await startHarness(cloud.operations());
});
afterEach(() => harness.stop());

const changes = () =>
  harness.endpoint.calls.filter(({ operation }) => /Delete|Update|Modify/.test(operation));

const user: FakeResource = {
  name: 'User',
  type: 'Custom::DirectoryUser',
  id: 'directory-user',
  status: 'CREATE_FAILED',
  reason: 'Received response status [FAILED] from custom resource. \u001b[2JThe directory is not Active.',
};
const database = (id: string): FakeResource => ({
  name: 'SqlServer',
  type: 'AWS::RDS::DBInstance',
  id,
  status: 'DELETE_FAILED',
});

const loadBalancer: FakeResource = {
  name: 'LoadBalancer',
  type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
  id: 'arn:aws:elasticloadbalancing:eu-central-1:222222222222:loadbalancer/app/web/1',
  status: 'DELETE_FAILED',
};

test('a stack whose first creation failed is shown with its cause and deleted; other stacks stay', async () => {
  cloud.add('windows-auth-staging-network', complete);
  const directory = cloud.add('windows-auth-staging-directory', rolledBack, [user]);
  const { output, exitCode, error } = await harness.release('recover', 'staging', '--yes');
  expect([error, exitCode]).toEqual(['', 0]);
  expect(output.split('\n')).toEqual([
    '✘ windows-auth-staging-directory: ROLLBACK_COMPLETE. Its first creation failed, and it was never complete.',
    '    User (Custom::DirectoryUser): CREATE_FAILED: Received response status [FAILED] from custom resource. The directory is not Active.',
    'Deleting windows-auth-staging-directory; it takes up to 40 minutes.',
    'windows-auth-staging-directory is deleted.',
    '✔ windows-auth-staging-network: CREATE_COMPLETE',
    expect.stringMatching(/^staging: ready for another attempt\. Retry in the pipeline/),
  ]);
  expect(directory.status).toBe('DELETE_COMPLETE');
  expect(cloud.stacks.map(({ status }) => status)).toEqual(['CREATE_COMPLETE', 'DELETE_COMPLETE']);
});

test('deletion protection that the first creation left is lifted on what this stack itself made', async () => {
  const stack = cloud.add('windows-auth-staging-database', failed, [database('music-db'), loadBalancer]);
  cloud.databases.set('music-db', { protected: true, madeBy: stack.id });
  cloud.loadBalancers.set(loadBalancer.id, { protected: true, madeBy: stack.id });
  const { output, exitCode } = await harness.release('recover', 'staging', '--yes');
  expect(output).toContain('Lifted: deletion protection of the database music-db.');
  expect(output).toContain('Lifted: deletion protection of the load balancer web.');
  expect([stack.status, exitCode]).toEqual(['DELETE_COMPLETE', 0]);
});

test('a database or load balancer of that name that another stack made is not touched', async () => {
  const other = cloud.add('another-application', complete);
  cloud.add('windows-auth-staging-database', failed, [database('music-db'), loadBalancer]);
  cloud.databases.set('music-db', { protected: true, madeBy: other.id });
  cloud.loadBalancers.set(loadBalancer.id, { protected: true, madeBy: other.id });
  const { output, exitCode } = await harness.release('recover', 'staging', '--yes');
  expect(cloud.databases.get('music-db')?.protected).toBe(true);
  expect(cloud.loadBalancers.get(loadBalancer.id)?.protected).toBe(true);
  expect(changes().map(({ operation }) => operation)).toEqual([
    'CloudFormation.UpdateTerminationProtection',
    'CloudFormation.DeleteStack',
  ]);
  expect(output).toContain('windows-auth-staging-database could not be deleted.');
  expect(exitCode).toBe(1);
});

describe('A stack that was ever in service is not touched:', () => {
  test.each([
    [
      'an update that could not be rolled back',
      [...complete, 'UPDATE_IN_PROGRESS', 'UPDATE_ROLLBACK_FAILED'],
    ],
    ['an update that failed', [...complete, 'UPDATE_IN_PROGRESS', 'UPDATE_FAILED']],
    [
      'a failed deletion of a stack that was in service',
      [...complete, 'DELETE_IN_PROGRESS', 'DELETE_FAILED'],
    ],
    ['a stack whose earlier events are no longer known', ['DELETE_IN_PROGRESS', 'DELETE_FAILED']],
    ['a rollback of a creation, but after a complete one', [...complete, 'ROLLBACK_COMPLETE']],
    ['a failed rollback after an update', ['CREATE_IN_PROGRESS', 'UPDATE_COMPLETE', 'ROLLBACK_FAILED']],
    ['a stack that is being updated', [...complete, 'UPDATE_IN_PROGRESS']],
    ['a stack in a good state', complete],
    ['a stack that was imported', ['REVIEW_IN_PROGRESS', 'IMPORT_COMPLETE', 'ROLLBACK_COMPLETE']],
  ])('%s', async (_, past) => {
    cloud.add('windows-auth-staging-database', past, [database('music-db')]);
    await harness.release('recover', 'staging', '--yes');
    expect(changes()).toEqual([]);
  });

  test.each(['other-staging-database', 'windows-auth-staging2-database', 'windows-auth-production-database'])(
    'a stack that is not of this environment: %s',
    async (name) => {
      cloud.add(name, rolledBack);
      await harness.release('recover', 'staging', '--yes');
      expect(changes()).toEqual([]);
    },
  );

  test('nothing is deleted without --yes, when there is no terminal or with --json', async () => {
    cloud.add('windows-auth-staging-database', rolledBack);
    expect((await harness.release('recover', 'staging')).error).toContain(
      'Nobody can be asked here: add --yes.',
    );
    const { output, exitCode } = await harness.release('recover', 'staging', '--json');
    expect(JSON.parse(output)).toMatchObject({ free: false, stacks: [{ verdict: 'never complete' }] });
    expect([changes(), exitCode]).toEqual([[], 1]);
  });

  test('nothing is deleted with credentials of another account', async () => {
    cloud.account = '111111111111';
    cloud.add('windows-auth-staging-database', rolledBack);
    const { error } = await harness.release('recover', 'staging', '--yes');
    expect(error).toBe(
      'These credentials are for the account 111111111111, and staging is in 222222222222: name a profile of that account in AWS_PROFILE.',
    );
    expect(changes()).toEqual([]);
  });

  test('nothing is deleted if the stack became complete while the question was open', async () => {
    const stack = cloud.add('windows-auth-staging-database', ['REVIEW_IN_PROGRESS']);
    await harness.stop();
    const operations = cloud.operations();
    let looks = 0;
    harness = await startHarness({
      ...operations,
      'CloudFormation.DescribeStacks': (input) => {
        if (++looks === 2) stack.status = 'CREATE_COMPLETE';
        return operations['CloudFormation.DescribeStacks']?.(input);
      },
    });
    const { error } = await harness.release('recover', 'staging', '--yes');
    expect(error).toContain('windows-auth-staging-database is now CREATE_COMPLETE: nothing was deleted.');
    expect(changes()).toEqual([]);
  });
});

test.each(['REVIEW_IN_PROGRESS', 'CREATE_FAILED', 'ROLLBACK_FAILED', 'ROLLBACK_COMPLETE'])(
  'a creation that got as far as %s can be restarted',
  async (state) => {
    const stack = cloud.add('windows-auth-staging-network', [...new Set(['REVIEW_IN_PROGRESS', state])]);
    expect((await harness.release('recover', 'staging', '--yes')).exitCode).toBe(0);
    expect(stack.status).toBe('DELETE_COMPLETE');
  },
);

test('an update that could not be rolled back is shown with the command that continues the rollback', async () => {
  cloud.add('windows-auth-staging-database', [...complete, 'UPDATE_ROLLBACK_FAILED']);
  const { output, exitCode } = await harness.release('recover', 'staging');
  expect(output).toContain(
    'aws cloudformation continue-update-rollback --region eu-central-1 --stack-name windows-auth-staging-database',
  );
  expect(exitCode).toBe(1);
});

test('resources that a deleted stack leaves behind are shown with the commands that remove them', async () => {
  const bucket = 'windows-auth-artifacts-111111111111-eu-central-1';
  cloud.account = '111111111111';
  cloud.add('windows-auth-pipeline', rolledBack, [
    { name: 'Artifacts', type: 'AWS::S3::Bucket', id: bucket, status: 'CREATE_COMPLETE' },
  ]);
  cloud.add('windows-auth-images', complete);
  cloud.kept.set(bucket, 'DELETE_SKIPPED');
  const { output, exitCode } = await harness.release('recover', 'tools', '--yes');
  expect(output).toContain(`Artifacts, AWS::S3::Bucket ${bucket}: aws s3 rb --force s3://${bucket}`);
  expect(exitCode).toBe(1);
});
