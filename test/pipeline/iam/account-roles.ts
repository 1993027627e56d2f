import { parse } from 'yaml';
import { bootstrapQualifier } from '../../../lib/config/bootstrap-names.ts';
import type { Deployment } from '../../../lib/config/index.ts';
import { executionPolicy } from '../../../lib/operator/bootstrap/execution-policy.ts';
import { permissionsBoundary } from '../../../lib/operator/bootstrap/permissions-boundary.ts';
import { type BootstrapPlace, bootstrapPlaces } from '../../../lib/operator/bootstrap/places.ts';
import {
  templateReaderPolicy,
  templateReaderTrust,
} from '../../../lib/operator/bootstrap/template-reader.ts';
import { toolkitTemplate } from '../../../lib/operator/bootstrap/toolkit-template.ts';
import { pseudoParameters, resolve } from '../../../local/pipeline/template/resolve.ts';
import { list, resources, type SynthesizedTemplate } from '../../infrastructure/template.ts';
import type { SynthesizedPipeline } from '../synthesized-pipeline.ts';
import { isAllowed, type Policy } from './evaluate.ts';
import { generatedRoleName } from './generated-names.ts';
import { instantiate } from './instantiate.ts';

/** A role of any of the accounts. */
export interface Role {
  readonly arn: string;
  /** The trust policy: which principals may assume the role. */
  readonly trust: Policy;
  /** The role's own policies. */
  readonly identity: readonly Policy[];
  readonly boundary?: Policy | undefined;
  /** Whether a managed policy is attached as well. */
  readonly managed: boolean;
  /** The logical id in its template. */
  readonly id: string;
  readonly stackName: string;
}

/** All roles of a deployment, including those of the bootstrap, by ARN. */
export interface AccountRoles {
  readonly roles: ReadonlyMap<string, Role>;
}

/** The protection of the accounts that a test removes to show that it is needed. */
export interface Weakening {
  /** The accounts are bootstrapped with the CDK's own template. */
  readonly cdkTemplate?: boolean;
  readonly boundary?: (policy: Policy) => Policy | undefined;
  /** Changes the policies of the stacks' roles. */
  readonly identity?: (policies: readonly Policy[]) => readonly Policy[];
  readonly execution?: (policy: Policy) => Policy;
}

/** @param shown what `cdk bootstrap --show-template` prints */
export function accountRolesOf(
  pipeline: SynthesizedPipeline,
  shown: string,
  weakened: Weakening = {},
): AccountRoles {
  const { deployment, templates } = pipeline;
  const roles = [
    ...[...templates].flatMap(([place, template]) => rolesOfTemplate(pipeline, place, template, weakened)),
    ...bootstrapPlaces(deployment).flatMap((place) => {
      const toolkit = weakened.cdkTemplate ? shownToolkit(shown) : ownToolkit(shown, deployment, place);
      return bootstrapRoles(toolkit, bootstrapQualifier(deployment), place).map((role) =>
        role.id === 'CloudFormationExecutionRole'
          ? { ...role, identity: [(weakened.execution ?? same)(executionPolicy(deployment, place.account))] }
          : role,
      );
    }),
    ...bootstrapPlaces(deployment).map(({ account }) => ({
      arn: `arn:aws:iam::${account}:role/${deployment.name}-template-reader`,
      id: 'TemplateReader',
      stackName: `${deployment.name}-deployment`,
      trust: templateReaderTrust(deployment, account),
      identity: [templateReaderPolicy(deployment, account)],
      managed: false,
    })),
  ];
  return { roles: new Map(roles.map((role) => [role.arn, role])) };
}

const same = <Value>(value: Value): Value => value;

function rolesOfTemplate(
  { deployment }: SynthesizedPipeline,
  place: string,
  template: SynthesizedTemplate,
  weakened: Weakening,
): Role[] {
  const [account = '', region = '', stackName = ''] = place.split('/');
  const arnOf = (id: string) => {
    const name = template.Resources[id]?.Properties.RoleName ?? generatedRoleName(stackName, id, 25);
    return `arn:aws:iam::${account}:role/${name}`;
  };
  const known = (text: string) =>
    text.replaceAll(/\$\{(\w+)\.Arn\}/g, (whole, id) =>
      template.Resources[id]?.Type === 'AWS::IAM::Role' ? arnOf(id) : whole,
    );
  const read = (policy: unknown): Policy =>
    JSON.parse(known(JSON.stringify(resolve(withoutParts(policy), pseudoParameters(account, region)))));
  return resources(template, 'AWS::IAM::Role').map(([id, { Properties }]) => ({
    id,
    stackName,
    arn: arnOf(id),
    trust: read(Properties.AssumeRolePolicyDocument),
    identity: (weakened.identity ?? same)([
      ...list(Properties.Policies).map(({ PolicyDocument }) => read(PolicyDocument)),
      ...resources(template, 'AWS::IAM::Policy')
        .filter(([, policy]) => JSON.stringify(policy.Properties.Roles).includes(`"${id}"`))
        .map(([, policy]) => read(policy.Properties.PolicyDocument)),
    ]),
    managed: list(Properties.ManagedPolicyArns).length > 0,
    boundary:
      Properties.PermissionsBoundary && (weakened.boundary ?? same)(permissionsBoundary(deployment, account)),
  }));
}

/** Replaces parts of names that are known only after deployment with a placeholder. */
export function withoutParts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutParts);
  if (value === null || typeof value !== 'object') return value;
  if ('Fn::Select' in value) return 'part-of-a-name';
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutParts(item)]));
}

interface Toolkit {
  readonly Conditions: Record<string, unknown>;
  readonly Parameters: Record<string, { Default?: string }>;
  readonly Resources: SynthesizedTemplate['Resources'];
}

function bootstrapRoles(
  toolkit: Toolkit,
  qualifier: string,
  { account, region, trusts }: BootstrapPlace,
): Role[] {
  const parameters = {
    ...Object.fromEntries(
      Object.entries(toolkit.Parameters).map(([name, { Default = '' }]) => [name, Default]),
    ),
    ...pseudoParameters(account, region),
    Qualifier: qualifier,
    TrustedAccounts: trusts ?? '',
    CloudFormationExecutionPolicies: 'one',
  };
  const make = (value: unknown) => instantiate(value, toolkit.Conditions, parameters) as Policy;
  return Object.entries(toolkit.Resources)
    .filter(([, { Type }]) => Type === 'AWS::IAM::Role')
    .map(([id, { Properties }]) => ({
      id,
      stackName: 'CDKToolkit',
      arn: `arn:aws:iam::${account}:role/${make(Properties.RoleName)}`,
      trust: { Version: '2012-10-17', ...make(Properties.AssumeRolePolicyDocument) },
      identity: [
        ...list(Properties.Policies).map(({ PolicyDocument }) => make(PolicyDocument)),
        ...Object.values(toolkit.Resources)
          .filter(({ Type, Properties: { Roles } }) => Type === 'AWS::IAM::Policy' && Roles[0].Ref === id)
          .map(({ Properties: { PolicyDocument } }) => make(PolicyDocument)),
      ],
      managed: Properties.ManagedPolicyArns !== undefined,
    }));
}

const toolkits = new Map<string, Toolkit>();

/** Each template is read once, as parsing YAML takes long. */
function toolkitOf(key: string, make: () => Toolkit): Toolkit {
  const toolkit = toolkits.get(key) ?? make();
  toolkits.set(key, toolkit);
  return toolkit;
}

const shownToolkit = (shown: string) => toolkitOf(shown, () => parse(shown) as Toolkit);

const ownToolkit = (shown: string, deployment: Deployment, place: BootstrapPlace) =>
  toolkitOf(JSON.stringify([shown, deployment, place]), () =>
    JSON.parse(toolkitTemplate(shown, deployment, place)),
  );

/** Whether one role may assume another, by the policies of both. */
export async function mayAssume(accounts: AccountRoles, who: string, whom: string): Promise<boolean> {
  const role = accounts.roles.get(whom);
  const self = accounts.roles.get(who);
  if (!role || !self) throw new Error(`There is no role ${role ? who : whom}.`);
  if (trustsServicesAlone(role)) return false;
  return isAllowed(
    { principal: who, action: 'sts:AssumeRole', resource: whom },
    { identity: self.identity, boundary: self.boundary, resource: role.trust },
  );
}

/** Whether a trust policy names only services, as most do; then no role may assume this one, and no simulation is needed. */
function trustsServicesAlone({ trust }: Role): boolean {
  const { Statement } = trust as { Statement: Record<string, unknown>[] };
  return Statement.every(
    ({ Principal }) => Object.keys((Principal as object | undefined) ?? { '*': '' }).join() === 'Service',
  );
}
