import { parse } from 'yaml';
import { pipelineRoles } from '../../config/iam-names.ts';
import type { Deployment } from '../../config/index.ts';
import { environmentParts, stageName } from '../../config/pipeline-names.ts';
import { deployingStatements, type ToolkitStatement } from './deploy-role.ts';
import { type BootstrapPlace, roleNamePatterns } from './places.ts';

/** The roles of the bootstrap that others assume, by their tag `aws-cdk:bootstrap-role`. */
const bootstrapRoles = ['deploy', 'file-publishing', 'image-publishing', 'lookup'] as const;
type BootstrapRole = (typeof bootstrapRoles)[number];

interface TrustStatement {
  readonly Action: unknown;
  readonly Principal: { readonly AWS: { readonly Ref: string } };
}

interface Template {
  readonly Parameters: Record<string, { Default?: string }>;
  readonly Resources: Record<string, { readonly Type: string; readonly Properties: RoleProperties }>;
}

interface RoleProperties {
  AssumeRolePolicyDocument: { Statement: unknown[] };
  readonly Policies?: readonly { readonly PolicyDocument: { Statement: readonly ToolkitStatement[] } }[];
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

/** The name of our variant of the bootstrap template. With it, the CDK does not replace the template with its own. */
export function bootstrapVariant({ name }: Deployment): string {
  return `${name}: roles for its own pipeline alone`;
}

/**
 * The bootstrap template for one place, derived from the CDK's own. Its roles trust only the pipeline roles that need
 * them; the CDK's trust every principal in the tools account to which an administrator there gives the right. Its
 * deploy role is limited to our stacks; the CDK's may deploy all.
 *
 * @param shown what `cdk bootstrap --show-template` prints
 * @throws Error if the CDK's template has changed, because it would be unknown whom its roles trust
 * @see https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-customizing.html
 */
export function toolkitTemplate(shown: string, deployment: Deployment, place: BootstrapPlace): string {
  const template = parse(shown) as Template;
  const variant = template.Parameters?.BootstrapVariant;
  if (!variant) throw unknownTemplate('it has no parameter BootstrapVariant');
  variant.Default = bootstrapVariant(deployment);
  const seen = Object.values(template.Resources).flatMap(({ Type, Properties }) => {
    const role = Properties.Tags?.find(({ Key }) => Key === 'aws-cdk:bootstrap-role')?.Value;
    if (Type !== 'AWS::IAM::Role' || !role) return [];
    if (!isBootstrapRole(role)) throw unknownTemplate(`it has a role for ${role}`);
    const document = Properties.AssumeRolePolicyDocument;
    document.Statement = trust(document.Statement, deployment, place, role);
    if (role === 'deploy') narrow(Properties, deployment, place);
    return [role];
  });
  const missing = bootstrapRoles.filter((role) => !seen.includes(role));
  if (missing.length > 0) throw unknownTemplate(`it has no role for ${missing.join(', ')}`);
  return JSON.stringify(template, null, 1);
}

function narrow({ Policies = [] }: RoleProperties, deployment: Deployment, place: BootstrapPlace): void {
  for (const { PolicyDocument } of Policies) {
    const statements = deployingStatements(PolicyDocument.Statement, deployment, place);
    if (!statements) throw unknownTemplate('the role that deploys may do something else');
    PolicyDocument.Statement = statements;
  }
  if (Policies.length === 0) throw unknownTemplate('the role that deploys has no policy of its own');
}

/** The pipeline's roles in the tools account that assume a role of the bootstrap in one place. */
function trustedRoles(
  deployment: Deployment,
  { account, region }: Pick<BootstrapPlace, 'account' | 'region'>,
  role: BootstrapRole,
): string[] {
  const { tools, environments } = deployment;
  const here = environments.filter((one) => one.account === account && one.region === region);
  const update = account === tools.account ? [pipelineRoles.update(deployment)] : [];
  switch (role) {
    case 'deploy':
      return [...(here.length > 0 ? [pipelineRoles.codePipeline(deployment)] : []), ...update];
    case 'file-publishing':
      return [
        ...update,
        ...here.flatMap((environment) =>
          environmentParts.map((part) => pipelineRoles.publish(deployment, stageName(environment, part))),
        ),
      ];
    // There are no image assets, and the template reader reads what is deployed.
    case 'image-publishing':
    case 'lookup':
      return [];
  }
}

/**
 * As with the CDK, administrators of the account itself remain trusted. Of our own stacks' roles, and of the tools
 * account, only those are trusted that need it.
 */
function trust(
  statements: readonly unknown[],
  deployment: Deployment,
  place: BootstrapPlace,
  role: BootstrapRole,
): unknown[] {
  const { tools } = deployment;
  const arns = (account: string, names: readonly string[]) =>
    names.map((name) => `arn:aws:iam::${account}:role/${name}`);
  const trusted = arns(tools.account, trustedRoles(deployment, place, role));
  const own = arns(place.account, roleNamePatterns(deployment, place.account));
  return statements.flatMap((statement): object[] => {
    const { 'Fn::If': choice } = statement as { 'Fn::If'?: [string, TrustStatement, unknown] };
    const { Action, Principal } = choice?.[1] ?? (statement as TrustStatement);
    const allow = (condition: object) => ({
      Action,
      Effect: 'Allow',
      Principal,
      Condition: { Null: { 'sts:ExternalId': 'true' }, ...condition },
    });
    const byName = allow({ ArnEquals: { 'aws:PrincipalArn': trusted } });
    switch (Principal?.AWS?.Ref) {
      case 'AWS::AccountId':
        return [
          allow({ ArnNotLike: { 'aws:PrincipalArn': own } }),
          ...(place.account === tools.account && trusted.length > 0 ? [byName] : []),
        ];
      case 'TrustedAccounts':
        return trusted.length > 0 && choice ? [{ 'Fn::If': [choice[0], byName, choice[2]] }] : [];
      case 'TrustedAccountsForLookup':
        return [];
      default:
        throw unknownTemplate(`its role for ${role} trusts ${JSON.stringify(Principal)}`);
    }
  });
}

function isBootstrapRole(role: string): role is BootstrapRole {
  return (bootstrapRoles as readonly string[]).includes(role);
}

function unknownTemplate(what: string): Error {
  return new Error(
    `The bootstrap template of this CDK version differs from the one that lib/operator/bootstrap/toolkit-template.ts knows: ${what}. Nothing was changed; use the version in package-lock.json (npm ci), or adapt that file to the new template.`,
  );
}
