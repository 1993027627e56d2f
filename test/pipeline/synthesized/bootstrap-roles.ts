import { describe, expect, test } from 'vitest';
import { deployingStatements } from '../../../lib/operator/bootstrap/deploy-role.ts';
import { accountRolesOf, type Role } from '../iam/account-roles.ts';
import { cdkRole, everything, production, region, role, staging, tools } from '../iam/attacker.ts';
import { type Call, isAllowed, type Policy } from '../iam/evaluate.ts';
import { mutantsOf } from '../iam/mutants.ts';
import { shownTemplate } from '../shown-template.ts';
import { variant } from '../variants.ts';

const pipeline = variant('the example');
const qualifier = 'wind0e5fc5';
const stranger = '999999999999';

type Tried = readonly [action: string, resource: string, more?: Partial<Call>];

/** The resources that the roles of the bootstrap use in one account. */
function things(account: string) {
  const arn = (service: string, what: string) => `arn:aws:${service}:${region}:${account}:${what}`;
  return {
    bucket: `arn:aws:s3:::cdk-${qualifier}-assets-${account}-${region}`,
    repository: arn('ecr', `repository/cdk-${qualifier}-container-assets-${account}-${region}`),
    key: arn('kms', 'key/of-the-bucket'),
    version: arn('ssm', `parameter/cdk-bootstrap/${qualifier}/version`),
    stack: (name: string) => arn('cloudformation', `stack/${name}/1`),
    arn,
  };
}

/** A policy of the bootstrap with the actual names of its resources. */
function named(account: string, policy: Policy): Policy {
  const { bucket, repository, key } = things(account);
  return JSON.parse(
    JSON.stringify(policy)
      .replaceAll(/\$\{StagingBucket\.Arn\}/g, bucket)
      .replaceAll(/\$\{ContainerAssetsRepository\.Arn\}/g, repository)
      .replaceAll(/\$\{FileAssetsBucketEncryptionKey\.Arn\}/g, key)
      .replaceAll(/\$\{CloudFormationExecutionRole\.Arn\}/g, cdkRole(account, 'cfn-exec'))
      .replaceAll(/\$\{CdkBootstrapVersion\}/g, `/cdk-bootstrap/${qualifier}/version`),
  );
}

const whose = (resourceAccount: string) => ({
  resourceAccount,
  context: { 's3:ResourceAccount': resourceAccount },
});
const viaS3 = { context: { 'kms:ViaService': `s3.${region}.amazonaws.com` } };
const ownStack = (account: string) =>
  account === tools
    ? 'windows-auth-pipeline'
    : `windows-auth-${account === staging ? 'staging' : 'production'}-service`;

/** For each role, the calls that it is for and the calls that it must not make. */
const tried: Readonly<Record<string, (account: string) => { lets: Tried[]; refuses: Tried[] }>> = {
  FilePublishingRole: (account) => {
    const { bucket, key, arn } = things(account);
    return {
      lets: [
        ['s3:PutObject', `${bucket}/x.zip`, whose(account)],
        ['kms:GenerateDataKey', key],
      ],
      refuses: [
        // A bucket of this name that belongs to a stranger.
        ['s3:PutObject', `${bucket}/x.zip`, whose(stranger)],
        ['s3:GetObject', 'arn:aws:s3:::windows-auth-artifacts/x', whose(account)],
        ['s3:PutObject', 'arn:aws:s3:::windows-auth-provenance/x', whose(account)],
        ['s3:PutBucketPolicy', bucket, whose(account)],
        ['kms:Decrypt', arn('kms', 'key/another')],
        ['kms:PutKeyPolicy', key],
      ],
    };
  },
  ImagePublishingRole: (account) => {
    const { repository, arn } = things(account);
    return {
      lets: [
        ['ecr:PutImage', repository],
        ['ecr:GetAuthorizationToken', '*'],
      ],
      refuses: [
        ['ecr:PutImage', arn('ecr', 'repository/windows-auth/web')],
        ['ecr:SetRepositoryPolicy', repository],
        ['ecr:PutRegistryPolicy', '*'],
      ],
    };
  },
  DeploymentActionRole: (account) => {
    const { bucket, version, stack, arn } = things(account);
    const artifact = 'arn:aws:s3:::windows-auth-artifacts/x';
    const toTools: Tried[] = [
      ['s3:GetObject', artifact, whose(tools)],
      ['kms:Decrypt', arn('kms', 'key/1'), viaS3],
    ];
    return {
      lets: [
        ['cloudformation:UpdateStack', stack(ownStack(account))],
        ['cloudformation:CreateChangeSet', stack(ownStack(account))],
        ['cloudformation:DeleteStack', stack(ownStack(account))],
        ['iam:PassRole', cdkRole(account, 'cfn-exec')],
        ['s3:GetObject', `${bucket}/x`, whose(account)],
        ['ssm:GetParameter', version],
        ...(account === tools ? [] : toTools),
      ],
      refuses: [
        // Other stacks are deployed with their own roles, which may be administrators.
        ...['UpdateStack', 'CreateChangeSet', 'DeleteStack', 'ExecuteStackRefactor'].flatMap((action) =>
          ['of-neighbours', 'CDKToolkit', 'windows-auth-deployment'].map(
            (name): Tried => [`cloudformation:${action}`, stack(name)],
          ),
        ),
        ['cloudformation:SetStackPolicy', stack(ownStack(account))],
        ['cloudformation:CancelUpdateStack', stack(ownStack(account))],
        ['iam:PassRole', role(account, 'Administrator')],
        ['iam:PutRolePolicy', cdkRole(account, 'cfn-exec')],
        ['s3:PutObject', `${bucket}/x`, whose(account)],
        ['s3:GetObject', 'arn:aws:s3:::of-the-account/x', whose(account)],
        ['s3:GetObject', 'arn:aws:s3:::of-a-stranger/x', whose(stranger)],
        ['s3:PutObject', 'arn:aws:s3:::of-a-stranger/x', whose(stranger)],
        ['s3:PutObject', artifact, whose(tools)],
        ['s3:DeleteObject', artifact, whose(tools)],
        ['kms:Decrypt', arn('kms', 'key/1')],
        ['kms:PutKeyPolicy', arn('kms', 'key/1'), viaS3],
        ['ssm:GetParameter', arn('ssm', 'parameter/another')],
        ['ssm:PutParameter', version],
        ['sts:AssumeRole', role(account, 'Administrator')],
      ],
    };
  },
};

/** The lookup role reads with an AWS managed policy, so it gets every permission here; its own policy only denies. */
const givenAll = (one: Role) => (one.id === 'LookupRole' ? [everything] : []);
const triedOf = (one: Role, account: string) =>
  tried[one.id]?.(account) ?? {
    lets: [['s3:GetObject', 'arn:aws:s3:::x/y', {}]] as Tried[],
    refuses: [['kms:Decrypt', things(account).arn('kms', 'key/1')]] as Tried[],
  };

const bootstrapped = [...accountRolesOf(pipeline, shownTemplate).roles.values()].filter(
  ({ stackName, id }) => stackName === 'CDKToolkit' && id !== 'CloudFormationExecutionRole',
);

/** The policy of a key, or of a bucket's owner in another account, that leaves the decision to the role's own account. */
const leftToAccount = (account: string): Policy => ({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: '*', Resource: '*' },
  ],
});

async function through(calls: readonly Tried[], one: Role, identity: readonly Policy[]): Promise<string[]> {
  const account = one.arn.split(':')[4] ?? '';
  const found = await Promise.all(
    calls.map(async ([action, resource, more]) =>
      (await isAllowed(
        { principal: one.arn, action, resource, region, ...more },
        {
          identity: identity.map((policy) => named(account, policy)),
          ...(action.startsWith('kms:') || (more?.resourceAccount ?? account) !== account
            ? { resource: leftToAccount(account) }
            : {}),
        },
      ))
        ? [`${action} on ${resource}`]
        : [],
    ),
  );
  return found.flat();
}

test('every role of the bootstrap that others assume is tested', () => {
  expect(bootstrapped).toHaveLength(12);
  expect(new Set(bootstrapped.map(({ id }) => id))).toEqual(new Set([...Object.keys(tried), 'LookupRole']));
});

describe.each(bootstrapped.map((one) => [one.id, one.arn.split(':')[4] ?? '', one] as const))(
  'The %s of %s',
  (_, account, one) => {
    const { lets, refuses } = triedOf(one, account);

    test('may do what it is for, and nothing else', async () => {
      const given = [...one.identity, ...givenAll(one)];
      expect(await through(lets, one, given)).toEqual(
        lets.map(([action, resource]) => `${action} on ${resource}`),
      );
      expect(await through(refuses, one, given)).toEqual([]);
    });

    test('fails that test if any single place of its policies is weakened', async () => {
      const survivors: string[] = [];
      let made = 0;
      for (const [index, policy] of one.identity.entries()) {
        for (const mutant of mutantsOf(policy)) {
          const given = [...one.identity.toSpliced(index, 1, mutant.policy), ...givenAll(one)];
          if ((await through(refuses, one, given)).length === 0) survivors.push(mutant.what);
          made += 1;
        }
      }
      expect(made).toBeGreaterThan(1);
      expect(survivors).toEqual([]);
    });
  },
);

test('a deployment role of the CDK in an unknown form is refused', () => {
  const statement = { Effect: 'Allow', Action: ['cloudformation:UpdateStack'], Resource: '*' };
  const artifacts = { Sid: 'PipelineCrossAccountArtifactsBucket', Effect: 'Allow', Action: 's3:*' };
  const place = { account: production, region };
  const narrowed = (...statements: (typeof statement | typeof artifacts)[]) =>
    deployingStatements(statements, pipeline.deployment, place);
  expect(narrowed(statement)).toBeUndefined();
  expect(narrowed(artifacts)).toBeUndefined();
  expect(narrowed(statement, artifacts)).toMatchObject([
    { Resource: [`arn:aws:cloudformation:${region}:${production}:stack/windows-auth-production-*/*`] },
    { Action: [], Condition: { StringEquals: { 's3:ResourceAccount': tools } } },
  ]);
});
