import { fullDiff, ResourceImpact } from '@aws-cdk/cloudformation-diff';

/** The effect of a deployment on one resource. */
export interface ResourceChange {
  readonly logicalId: string;
  readonly type: string;
  /** Its construct path, if the template has it; otherwise its logical id. */
  readonly name: string;
  readonly effect: 'added' | 'changed' | 'new revision' | 'may be replaced' | 'replaced' | 'removed';
  /** Whether it holds data, or an identity that others refer to. */
  readonly stateful: boolean;
}

/** The effect of a deployment on one stack. */
export interface StackChanges {
  readonly stackName: string;
  readonly isNew: boolean;
  readonly resources: readonly ResourceChange[];
  /** Whether the change grants more permissions. */
  readonly permissionsBroadened: boolean;
}

/** Types of resources whose replacement or removal loses data or an identity. */
const stateful =
  /^AWS::(RDS|DirectoryService|SecretsManager::Secret$|S3::Bucket$|KMS::Key$|EFS|DynamoDB|ECR::Repository$|Logs::LogGroup$|EC2::(VPC|Subnet)$)/;
/** Types for which each change creates a new revision, while the old one stays as it is. */
const revisions = /^AWS::(ECS::TaskDefinition|Lambda::Version)$/;

interface Template {
  readonly Resources?: Readonly<
    Record<string, { readonly Type: string; readonly Metadata?: Readonly<Record<string, unknown>> }>
  >;
  readonly [key: string]: unknown;
}

/**
 * Compares two templates of a stack, taking into account which properties can be changed in place.
 *
 * @param deployed undefined for a stack that does not exist yet
 */
export function stackChanges(
  stackName: string,
  deployed: Template | undefined,
  synthesized: Template,
): StackChanges {
  const difference = fullDiff(deployed ?? {}, synthesized);
  const resources = Object.entries(difference.resources.changes).map(
    ([logicalId, change]): ResourceChange => {
      const type = change.newResourceType ?? change.oldResourceType ?? '';
      const resource = synthesized.Resources?.[logicalId] ?? deployed?.Resources?.[logicalId];
      const path = resource?.Metadata?.['aws:cdk:path'];
      return {
        logicalId,
        type,
        name:
          typeof path === 'string'
            ? path
                .split('/')
                .slice(2)
                .join('/')
                .replace(/\/Resource$/, '')
            : logicalId,
        effect: effect(change.changeImpact, type),
        stateful: stateful.test(type),
      };
    },
  );
  return {
    stackName,
    isNew: deployed === undefined,
    resources: resources.sort((a, b) => rank(a) - rank(b) || a.logicalId.localeCompare(b.logicalId)),
    permissionsBroadened: difference.permissionsBroadened,
  };
}

function effect(impact: ResourceImpact, type: string): ResourceChange['effect'] {
  switch (impact) {
    case ResourceImpact.WILL_CREATE:
    case ResourceImpact.WILL_IMPORT:
      return 'added';
    case ResourceImpact.WILL_REPLACE:
      return revisions.test(type) ? 'new revision' : 'replaced';
    case ResourceImpact.MAY_REPLACE:
      return revisions.test(type) ? 'new revision' : 'may be replaced';
    case ResourceImpact.WILL_DESTROY:
    case ResourceImpact.WILL_ORPHAN:
      return 'removed';
    default:
      return 'changed';
  }
}

/** The sort order: the gravest effect first, and stateful resources first within each effect. */
function rank({ effect, stateful }: ResourceChange): number {
  const order = ['replaced', 'removed', 'may be replaced', 'changed', 'new revision', 'added'];
  return order.indexOf(effect) * 2 + (stateful ? 0 : 1);
}
