import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import type { PolicyDocument } from '../../../lib/operator/bootstrap/execution-policy.ts';
import { bootstrapPlaces } from '../../../lib/operator/bootstrap/places.ts';
import { attacksFromStaging, attacksOfAPusher, attacksOfUnapprovedCode } from '../iam/attacks.ts';
import { type Call, isAllowed, refused } from '../iam/evaluate.ts';
import { mayAssume, type World, worldOf } from '../iam/world.ts';
import { variant, variants } from '../variants.ts';

const { stdout: shown } = await execa('cdk', ['bootstrap', '--show-template'], { preferLocal: true });

describe.each([
  ['who may push to the main branch', attacksOfAPusher],
  ['whose commit is built and was not approved', attacksOfUnapprovedCode],
  ['who runs code in staging', attacksFromStaging],
])('Of somebody %s', { timeout: 120_000 }, (_, attacks) => {
  const pipeline = () => variant('the example');

  test.each(Object.entries(attacks))('is refused: %s', async (_name, { attempt }) => {
    expect(await attempt(worldOf(pipeline(), shown))).toBe(false);
  });

  test.each(Object.entries(attacks))(
    'would succeed without what protects: %s',
    async (_name, { attempt, without }) => {
      expect(await attempt(worldOf(pipeline(), shown, without))).toBe(true);
    },
  );
});

const everything = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
};

/** The calls that a policy allows, by the words of its statements; roles that are taken on or handed over have tests of their own. */
function callsNamed(principal: string, { Statement }: PolicyDocument, region: string): Call[] {
  return Statement.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action, Resource }) =>
    [Action]
      .flat()
      .filter((action) => action !== 'sts:AssumeRole' && action !== 'iam:PassRole')
      .flatMap((action) =>
        [Resource].flat().map((resource) => {
          const [, , , itsRegion, account] = resource.split(':');
          return {
            principal,
            action,
            // What is named by a pattern is not of a type that IAM would know; whose it is counts.
            resource: '*',
            region: /^[a-z]/.test(itsRegion ?? '') ? (itsRegion as string) : region,
            ...(account && /^\d/.test(account) && { context: { 'aws:ResourceAccount': account } }),
          };
        }),
      ),
  );
}

/** `who → whom` for all roles of a world. */
async function takings(world: World): Promise<[who: string, whom: string][]> {
  const found: [string, string][] = [];
  for (const who of world.roles.keys()) {
    for (const whom of world.roles.keys()) if (await mayAssume(world, who, whom)) found.push([who, whom]);
  }
  return found;
}

describe('A job hands over', { timeout: 120_000 }, () => {
  const name = 'three environments in two regions, three services, ARM';
  const passes = async (
    { passed, to }: { readonly passed: string; readonly to: string },
    policies: 'both' | 'boundary' = 'both',
  ) => {
    const roles = [...worldOf(variant(name), shown).roles.values()].filter(({ stackName }) =>
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
    ['its own role to a function', { passed: 'TaskDefinitionTaskRole', to: 'lambda.amazonaws.com' }],
    ['an administrator to a task', { passed: 'Administrator', to: tasks }],
  ])('never %s, whatever its policies say', async (_, what) => {
    expect(await passes(what)).toBe(false);
    expect(await passes(what, 'boundary')).toBe(false);
  });

  test("never another service's role", async () => {
    const what = { passed: 'windows-auth-staging-service-worker-x', to: tasks };
    expect(await passes(what)).toBe(false);
    // It is the role's own policy that says so: the boundary knows the deployment, and no services.
    expect(await passes(what, 'boundary')).toBe(true);
  });
});

describe.each(Object.keys(variants))('Between the roles of %s', { timeout: 120_000 }, (name) => {
  test('every role takes on those that its own policies name, and is trusted by them', async () => {
    const world = worldOf(variant(name), shown);
    const may = await takings(world);
    for (const { arn, identity } of world.roles.values()) {
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

  test('the boundary takes nothing away from what a role is given', async () => {
    const pipeline = variant(name);
    for (const { arn, identity, boundary } of worldOf(pipeline, shown).roles.values()) {
      if (!boundary) continue;
      const region = bootstrapPlaces(pipeline.deployment).find(({ account }) =>
        arn.includes(`:${account}:`),
      )?.region;
      const calls = identity.flatMap((policy) => callsNamed(arn, policy as PolicyDocument, region ?? ''));
      expect(await refused(calls, { identity: [everything], boundary }), arn).toEqual([]);
    }
  });
});
