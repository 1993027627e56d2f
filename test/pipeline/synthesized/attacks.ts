import { describe, expect, test } from 'vitest';
import type { PolicyDocument } from '../../../lib/operator/bootstrap/execution-policy.ts';
import { permissionsBoundary } from '../../../lib/operator/bootstrap/permissions-boundary.ts';
import { bootstrapPlaces } from '../../../lib/operator/bootstrap/places.ts';
import { estates } from '../../infrastructure/estates.ts';
import { exampleDeployment } from '../../infrastructure/example-deployment.ts';
import { type AccountRoles, accountRolesOf, mayAssume } from '../iam/account-roles.ts';
import { attacksFromStaging, attacksOfAPusher, attacksOfUnapprovedCode } from '../iam/attacks.ts';
import { type Call, isAllowed, refused } from '../iam/evaluate.ts';
import { shownTemplate } from '../shown-template.ts';
import { estateNames, variant, variants } from '../variants.ts';

describe.each([
  ['with push access to the main branch', attacksOfAPusher],
  ['whose commit is built but not approved', attacksOfUnapprovedCode],
  ['running code in staging', attacksFromStaging],
])('An attacker %s', (_, attacks) => {
  const pipeline = () => variant('the example');

  test.each(Object.entries(attacks))('fails: %s', async (_name, { attempt }) => {
    expect(await attempt(accountRolesOf(pipeline(), shownTemplate))).toBe(false);
  });

  test.each(Object.entries(attacks))(
    'would succeed without the protection: %s',
    async (_name, { attempt, without }) => {
      expect(await attempt(accountRolesOf(pipeline(), shownTemplate, without))).toBe(true);
    },
  );
});

const everything = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
};

/** A resource policy that gives a principal full access. */
const letIn = (principal: string) => ({
  ...everything,
  Statement: [{ ...everything.Statement[0], Principal: { AWS: principal } }],
});

/** The calls that a policy's statements allow; there are separate tests for assuming and passing roles. */
function callsNamed(principal: string, { Statement }: PolicyDocument, region: string): Call[] {
  const own = principal.split(':')[4];
  return Statement.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action, Resource = [] }) =>
    [Action]
      .flat()
      .filter((action) => action !== 'sts:AssumeRole' && action !== 'iam:PassRole')
      .flatMap((action) =>
        [Resource].flat().map((resource) => {
          const [, , , itsRegion, account] = resource.split(':');
          return {
            principal,
            action,
            // IAM cannot match a pattern to a resource type, so only the owner counts, or the resource itself if foreign.
            resource: account && account !== own && !resource.includes('*') ? resource : '*',
            region: /^[a-z]/.test(itsRegion ?? '') ? (itsRegion as string) : region,
            ...(account && /^\d/.test(account) && { context: { 'aws:ResourceAccount': account } }),
          };
        }),
      ),
  );
}

/** All pairs of roles of which the first may assume the second. */
async function takings(accounts: AccountRoles): Promise<[who: string, whom: string][]> {
  const found: [string, string][] = [];
  for (const who of accounts.roles.keys()) {
    for (const whom of accounts.roles.keys())
      if (await mayAssume(accounts, who, whom)) found.push([who, whom]);
  }
  return found;
}

describe('A job may pass', () => {
  const name = 'three environments in two regions, three services, ARM';
  const passes = async (
    { passed, to }: { readonly passed: string; readonly to: string },
    policies: 'both' | 'boundary' = 'both',
  ) => {
    const roles = [...accountRolesOf(variant(name), shownTemplate).roles.values()].filter(({ stackName }) =>
      stackName.endsWith('-staging-service-job'),
    );
    const job = roles.find(({ id }) => id.startsWith('JobRole'));
    if (!job) throw new Error('There is no role of a job.');
    const own = roles.find(({ id }) => id.startsWith(passed))?.arn;
    return isAllowed(
      {
        principal: job.arn,
        action: 'iam:PassRole',
        resource: own ?? `arn:aws:iam::222222222222:role/${passed}`,
        region: 'eu-central-1',
        context: { 'iam:PassedToService': to },
      },
      { identity: policies === 'both' ? job.identity : [everything], boundary: job.boundary },
    );
  };
  const tasks = 'ecs-tasks.amazonaws.com';

  test.each(['TaskDefinitionTaskRole', 'TaskDefinitionExecutionRole'])('%s, to ECS', async (passed) => {
    expect(await passes({ passed, to: tasks })).toBe(true);
  });

  test.each([
    ['pass its own role to a function', { passed: 'TaskDefinitionTaskRole', to: 'lambda.amazonaws.com' }],
    ['pass an administrator role to a task', { passed: 'Administrator', to: tasks }],
  ])('(but it may not %s, even with other policies)', async (_, what) => {
    expect(await passes(what)).toBe(false);
    expect(await passes(what, 'boundary')).toBe(false);
  });

  test("(but it may not pass another service's role)", async () => {
    const what = { passed: 'windows-auth-staging-service-worker-x', to: tasks };
    expect(await passes(what)).toBe(false);
    // The role's own policy refuses it; the boundary applies to the deployment and does not distinguish services.
    expect(await passes(what, 'boundary')).toBe(true);
  });
});

describe.each(Object.keys(variants))('Between the roles of %s', (name) => {
  test('every role may assume exactly the roles that its own policies name, as they trust it', async () => {
    const accounts = accountRolesOf(variant(name), shownTemplate);
    const may = await takings(accounts);
    for (const { arn, identity } of accounts.roles.values()) {
      const named = identity
        .flatMap((policy) => (policy as { Statement: { Action: unknown; Resource: unknown }[] }).Statement)
        .filter(({ Action }) => [Action].flat().includes('sts:AssumeRole'))
        .flatMap(({ Resource }) => [Resource].flat() as string[]);
      expect(
        may
          .filter(([who]) => who === arn)
          .map(([, whom]) => whom)
          .sort(),
      ).toEqual([...new Set(named)].sort());
    }
  });
});

describe.each([...Object.keys(variants), ...estateNames])('Within the boundary of %s', (name) => {
  test('every role may use all permissions in its own policies', async () => {
    const pipeline = variant(name);
    for (const { arn, identity, boundary } of accountRolesOf(pipeline, shownTemplate).roles.values()) {
      if (!boundary) continue;
      const region = bootstrapPlaces(pipeline.deployment).find(({ account }) =>
        arn.includes(`:${account}:`),
      )?.region;
      const calls = identity.flatMap((policy) => callsNamed(arn, policy as PolicyDocument, region ?? ''));
      for (const call of calls) {
        // The policy of a resource in another account must allow the role as well.
        const resource = call.resource === '*' ? undefined : letIn(arn);
        expect(await refused([call], { identity: [everything], boundary, resource }), arn).toEqual([]);
      }
    }
  });
});

describe('On foreign resources, the boundary allows', () => {
  const others = 'eu-central-1:444444444444';
  const key = `arn:aws:kms:${others}:key/01234567-89ab-cdef-0123-456789abcdef`;
  const secret = (name: string) => `arn:aws:secretsmanager:${others}:secret:${name}-AbCdEf`;
  const lets = (
    [action, resource]: readonly [action: string, resource: string],
    deployment = estates['a SQL Server and a user that are there']?.() ?? exampleDeployment(),
    account = '222222222222',
  ) => {
    const principal = `arn:aws:iam::${account}:role/windows-auth-staging-database-x`;
    const boundary = permissionsBoundary(deployment, account);
    return isAllowed(
      { principal, action, resource, region: 'eu-central-1' },
      { identity: [everything], boundary, resource: letIn(principal) },
    );
  };
  const named = [
    ['secretsmanager:GetSecretValue', secret('corp/svc-music')],
    ['secretsmanager:GetSecretValue', secret('sql01/sa')],
    ['kms:Decrypt', key],
  ] as const;

  test.each(named)('%s on %s, which the configuration names', async (...call) => {
    expect(await lets(call)).toBe(true);
    expect(await lets(call, exampleDeployment()), 'where it does not').toBe(false);
    expect(await lets(call, undefined, '333333333333'), 'in another environment').toBe(false);
  });

  test.each([
    ['secretsmanager:GetSecretValue', secret('corp/job')],
    ['kms:Decrypt', key],
  ] as const)('%s on %s of an additional service', async (...call) => {
    const estate = estates['nothing of our own, and further services']?.();
    expect(await lets(call, estate)).toBe(true);
    expect(await lets(call, estate, '333333333333'), 'in another environment').toBe(false);
  });

  test.each([
    ['secretsmanager:GetSecretValue', secret('corp/others')],
    ['kms:Decrypt', key.replace('01234567', '12345678')],
    ['lambda:InvokeFunction', `arn:aws:lambda:${others}:function:theirs`],
    ['rds:DescribeDBInstances', 'arn:aws:rds:eu-central-1:222222222222:db:music'],
  ] as const)('not %s on %s', async (...call) => {
    expect(await lets(call)).toBe(false);
  });

  test('describing an instance that joins a foreign directory, but not changing it', async () => {
    const joined = estates['a self-managed directory, which an instance of ours joins']?.();
    const instance = 'arn:aws:rds:eu-central-1:222222222222:db:music';
    expect(await lets(['rds:DescribeDBInstances', instance], joined)).toBe(true);
    expect(await lets(['rds:ModifyDBInstance', instance], joined)).toBe(false);
  });
});
