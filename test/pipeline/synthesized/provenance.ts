import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { imageArtifact } from '../../../lib/config/pipeline-names.ts';
import type { Pipeline } from '../../../local/pipeline/pipeline.ts';
import { pseudoParameters, resolve } from '../../../local/pipeline/template/resolve.ts';
import { resources, type SynthesizedTemplate } from '../../infrastructure/template.ts';
import { accountRolesOf } from '../iam/account-roles.ts';
import { everything, evil, region, role, tools, unconditional, without } from '../iam/attacker.ts';
import { isAllowed, type Policy } from '../iam/evaluate.ts';
import { Grants } from '../invariants/grants.ts';
import { notSignedOnce, waysAroundSignatures } from '../invariants/signatures.ts';
import { shownTemplate } from '../shown-template.ts';
import { variant, variants } from '../variants.ts';

const { template } = variant('the example');
const read = (policy: unknown) => resolve(policy, pseudoParameters(tools, region)) as Policy;
const one = (type: string, has: (properties: Record<string, unknown>) => boolean) => {
  const found = resources(template, type).find(([, { Properties }]) => has(Properties));
  if (!found) throw new Error(`There is no ${type} of that kind.`);
  return found;
};
const [, key] = one('AWS::KMS::Key', ({ KeyUsage }) => KeyUsage === 'SIGN_VERIFY');
const [bucketId, bucket] = one('AWS::S3::Bucket', ({ BucketName }) =>
  String(BucketName).startsWith('windows-auth-provenance-'),
);
const [, bucketPolicy] = one(
  'AWS::S3::BucketPolicy',
  ({ Bucket }) => (Bucket as { Ref?: string }).Ref === bucketId,
);
const keyPolicy = read(key.Properties.KeyPolicy);
const keptPolicy = read(bucketPolicy.Properties.PolicyDocument);
const keyArn = `arn:aws:kms:${region}:${tools}:key/1`;
const signer = role(tools, 'windows-auth-pipeline-provenance');

const letAll = { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'kms:*', Resource: '*' };
const denials = (policy: Policy) =>
  (policy as { Statement: { Effect: string }[] }).Statement.filter(({ Effect }) => Effect === 'Deny');

/** An open key policy: the real one without its two guards. */
const openKey = unconditional('TheSigner')(without('NobodyElseSigns')(keyPolicy));

describe('The key that signs statements about images', () => {
  const accounts = accountRolesOf(variant('the example'), shownTemplate);
  const attacker = evil(accounts, tools);
  const unguarded = evil(
    accountRolesOf(variant('the example'), shownTemplate, { boundary: without('OnlyTheSignerSigns') }),
    tools,
  );
  const signs = (principal: string, boundary: Policy | undefined, policy: Policy, action = 'kms:Sign') =>
    isAllowed(
      { principal, action, resource: keyArn, region },
      { identity: [everything], boundary, resource: policy },
    );

  test('is a P-256 key for signatures, and is retained when its stack is deleted', () => {
    expect(key.Properties).toMatchObject({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
    expect([key.DeletionPolicy, key.UpdateReplacePolicy]).toEqual(['RetainExceptOnCreate', 'Retain']);
  });

  test('can be used by the action Sign', async () => {
    const { identity, boundary } = accounts.roles.get(signer) ?? {};
    const call = { principal: signer, action: 'kms:Sign', resource: keyArn, region };
    const named = JSON.parse(JSON.stringify(identity).replaceAll(/\$\{ProvenanceKey\w*\.Arn\}/g, keyArn));
    expect(await isAllowed(call, { identity: named, boundary, resource: keyPolicy })).toBe(true);
  });

  test.each(
    [...accounts.roles.values()].filter(({ arn }) => arn.includes(`::${tools}:`)).map(({ arn }) => arn),
  )('cannot be used by %s, even with every permission', async (arn) => {
    if (arn === signer) return;
    expect(await signs(arn, undefined, keyPolicy)).toBe(false);
    expect(await signs(arn, undefined, openKey)).toBe(true);
  });

  test('cannot be used by a new role: each guard alone prevents it, and without both the role could sign', async () => {
    expect(await signs(attacker.arn, attacker.boundary, keyPolicy)).toBe(false);
    expect(await signs(attacker.arn, attacker.boundary, openKey)).toBe(false);
    expect(await signs(attacker.arn, unguarded.boundary, keyPolicy)).toBe(false);
    expect(await signs(attacker.arn, unguarded.boundary, openKey)).toBe(true);
  });

  test.each([
    ['that nobody else may sign', without('NobodyElseSigns')(keyPolicy)],
    ['that one role may sign', unconditional('TheSigner')(keyPolicy)],
    ['that administrators may not use it', { ...everything, Statement: [letAll, ...denials(keyPolicy)] }],
  ])(
    'cannot be used by a new role without a boundary, even if its policy does not say %s',
    async (_, policy) => {
      expect(await signs(attacker.arn, undefined, policy)).toBe(false);
      expect(await signs(attacker.arn, undefined, openKey)).toBe(true);
    },
  );

  test('cannot be lent: an administrator of the account can neither sign nor create a grant', async () => {
    const administrator = role(tools, 'Administrator');
    const given = { ...everything, Statement: [letAll, ...denials(keyPolicy)] };
    for (const action of ['kms:Sign', 'kms:CreateGrant']) {
      expect(await signs(administrator, undefined, keyPolicy, action), action).toBe(false);
      expect(await signs(administrator, undefined, given, action), `${action}, given all`).toBe(false);
    }
    for (const action of ['kms:GetPublicKey', 'kms:PutKeyPolicy'])
      expect(await signs(administrator, undefined, keyPolicy, action), action).toBe(true);
  });
});

describe('The provenance bucket', () => {
  test.each(['s3:PutObject', 's3:DeleteObject', 's3:DeleteObjectVersion'])(
    'can be written by the signer only: %s',
    async (action) => {
      const resource =
        'arn:aws:s3:::windows-auth-provenance-111111111111-eu-central-1/web/statement.dsse.json';
      const concrete = (policy: Policy): Policy =>
        JSON.parse(
          JSON.stringify(policy).replaceAll(
            `\${${bucketId}.Arn}`,
            'arn:aws:s3:::windows-auth-provenance-111111111111-eu-central-1',
          ),
        );
      const writes = (principal: string, policy: Policy) =>
        isAllowed(
          {
            principal,
            action,
            resource,
            region,
            resourceAccount: tools,
            context: { 'aws:SecureTransport': 'true' },
          },
          { identity: [everything], resource: concrete(policy) },
        );
      const build = role(tools, 'windows-auth-pipeline-imagewebbuildrole');
      expect(await writes(build, keptPolicy)).toBe(false);
      expect(await writes(build, without('TheSignerWrites')(keptPolicy))).toBe(true);
      expect(await writes(signer, keptPolicy)).toBe(true);
    },
  );

  /** The rules that would remove objects or their versions. */
  const expiring = (rules: unknown) =>
    (rules as Record<string, unknown>[])
      .flatMap((rule) => Object.keys(rule))
      .filter((name) => /Expiration|ExpiredObject|Transition/.test(name));

  test('does not expire objects, since an image may run for years', () => {
    const { Rules } = bucket.Properties.LifecycleConfiguration;
    expect(expiring(Rules)).toEqual([]);
    expect(expiring([...Rules, { Status: 'Enabled', ExpirationInDays: 90 }])).toEqual(['ExpirationInDays']);
    expect([bucket.DeletionPolicy, bucket.UpdateReplacePolicy]).toEqual(['RetainExceptOnCreate', 'Retain']);
    expect(bucket.Properties.VersioningConfiguration).toEqual({ Status: 'Enabled' });
  });
});

describe.each(Object.keys(variants))('The pipeline of %s', (name) => {
  test('deploys no part of an environment before the signatures of its images have been verified', () => {
    expect(waysAroundSignatures(variant(name))).toEqual([]);
  });

  test('signs each image once, with the output of the build of that image', () => {
    expect(notSignedOnce(variant(name))).toEqual([]);
  });
});

test('a signature check that is missing, or that looks at other stacks or another commit, is found', () => {
  const broken = (change: (environment: Record<string, string>) => void) => {
    const { pipeline, ...rest } = variant('the example');
    const copy = structuredClone(pipeline) as Pipeline;
    for (const action of copy.stages.flatMap(({ actions }) => actions)) {
      if (action.kind === 'build' && action.name === 'Assets' && action.stage === 'production-service')
        change(action.environment as Record<string, string>);
    }
    return waysAroundSignatures({ ...rest, pipeline: copy });
  };
  const found = [
    'production-service/windows-auth-production-service.Deploy does not wait for the check of its images',
  ];
  expect(
    broken((environment) => {
      environment.ENVIRONMENT_STACKS = environment.DEPLOYED_STACKS?.replaceAll('production', 'staging') ?? '';
    }),
  ).toEqual(found);
  expect(
    broken((environment) => {
      environment.REVISION = 'main';
    }),
  ).toEqual(found);
});

test('an image that is not signed, or signed with the output of another build, is found', () => {
  const { pipeline, ...rest } = variant('one environment, as many services as there may be');
  const broken = (change: (sign: { inputs: string[]; environment: Record<string, string> }) => void) => {
    const copy = structuredClone(pipeline) as Pipeline;
    for (const action of copy.stages.flatMap(({ actions }) => actions)) {
      if (action.kind === 'build' && action.name === 'Sign-2')
        change(action as unknown as Parameters<typeof change>[0]);
    }
    return notSignedOnce({ ...rest, pipeline: copy });
  };
  let signed: string[] = [];
  const swapped = broken((sign) => {
    signed = (sign.environment.IMAGE_REPOSITORIES ?? '').split(' ').map((repository) => basename(repository));
    sign.inputs = sign.inputs.map((input) => (input === imageArtifact(signed[0] ?? '') ? 'Other' : input));
  });
  expect(swapped).toEqual([`Provenance/Sign-2 signs ${signed[0]} with the output of another build`]);
  const unread = broken((sign) => {
    const [source = '', ...others] = sign.inputs;
    sign.inputs = [...others, source];
  });
  expect(unread).toEqual(
    signed.map((image) => `Provenance/Sign-2 signs ${image} without the source that it was built from`),
  );
  expect(
    broken(({ environment }) => {
      environment.IMAGE_REPOSITORIES = environment.IMAGE_REPOSITORIES?.replace(/^\S+ /, '') ?? '';
    }),
  ).toContain(`${signed[0]} is signed 0 times`);
  expect(
    broken(({ environment }) => {
      environment.IMAGE_REPOSITORIES += ' windows-auth/web';
    }),
  ).toEqual(['web is signed 2 times']);
});

describe.each(Object.keys(variants))('The daily check of %s', (name) => {
  const { template: own, deployment } = variant(name);
  const { account, region: home } = deployment.tools;
  const grants = new Grants(own, deployment.tools);
  const [roleId = ''] = resources(own, 'AWS::IAM::Role').find(([id]) => /^DailyCheckRole/.test(id)) ?? [];
  const project = `arn:aws:codebuild:${home}:${account}:project/${deployment.name}-recheck-images`;

  test('may read what it needs and start image scans, and nothing else', () => {
    const known = new Set([
      'ecr:DescribeImageScanFindings',
      'ecr:StartImageScan',
      'inspector2:ListCoverage',
      'inspector2:ListFindings',
      'kms:GetPublicKey',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      's3:GetBucketAcl',
      's3:GetBucketLocation',
      's3:GetObject',
      's3:GetObjectVersion',
      's3:ListBucket',
      'sts:AssumeRole',
    ]);
    const granted = grants.of(roleId);
    expect(new Set(granted.map((grant) => grant.split(' on ')[0]))).toEqual(known);
    expect(granted.filter((grant) => grant.startsWith('sts:'))).toEqual(
      [...new Set(deployment.environments.map((environment) => environment.account))]
        .map((id) => `sts:AssumeRole on arn:aws:iam::${id}:role/${deployment.name}-template-reader`)
        .sort(),
    );
    expect(grants.trusted(roleId)).toEqual([
      `codebuild.amazonaws.com if ${JSON.stringify({ ArnEquals: { 'aws:SourceArn': project } })}`,
    ]);
  });

  test('runs twice a day, and its alarms notify people', () => {
    const [, rule] = namedResource(own, 'AWS::Events::Rule', /^DailyCheck/);
    expect(rule.Properties.ScheduleExpression).toBe('rate(12 hours)');
    const alarms = resources(own, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);
    expect(alarms.map(({ AlarmName }) => AlarmName).sort()).toEqual([
      `${deployment.name}-images-not-checked`,
      `${deployment.name}-images-vulnerable`,
    ]);
    const runbook = readFileSync('docs/operate.md', 'utf8');
    for (const { AlarmName, AlarmDescription, AlarmActions, OKActions, TreatMissingData } of alarms) {
      const section = String(AlarmDescription).split('#').at(-1);
      expect(runbook).toContain(`\n### ${section}\n`);
      expect(AlarmActions).toHaveLength(1);
      expect(OKActions).toEqual(AlarmActions);
      // A check that does not run must raise the alarm.
      if (AlarmName.endsWith('not-checked')) expect(TreatMissingData).toBe('breaching');
    }
  });
});

function namedResource(template: SynthesizedTemplate, type: string, id: RegExp) {
  const found = resources(template, type).find(([logical]) => id.test(logical));
  if (!found) throw new Error(`There is no ${type} of that name.`);
  return found;
}
