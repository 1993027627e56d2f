import { fullDiff, ResourceImpact } from '@aws-cdk/cloudformation-diff';

/** What becomes of one resource. */
export interface ResourceChange {
  readonly logicalId: string;
  readonly type: string;
  /** Its place in the code, where the template tells it; its logical id otherwise. */
  readonly name: string;
  readonly effect: 'added' | 'changed' | 'new revision' | 'may be replaced' | 'replaced' | 'removed';
  /** Holds data, or an identity that others know it by. */
  readonly stateful: boolean;
}

/** What a deployment would do to one stack. */
export interface StackChanges {
  readonly stackName: string;
  readonly isNew: boolean;
  readonly resources: readonly ResourceChange[];
  /** Somebody may do more afterwards. */
  readonly permissionsBroadened: boolean;
}

/** Kinds of resources whose replacement or removal loses something. */
const stateful =
  /^AWS::(RDS|DirectoryService|SecretsManager::Secret$|S3::Bucket$|KMS::Key$|EFS|DynamoDB|ECR::Repository$|Logs::LogGroup$|EC2::(VPC|Subnet)$)/;
/** Kinds of which each change makes a new revision, the old one staying as it is. */
const revisions = /^AWS::(ECS::TaskDefinition|Lambda::Version)$/;

interface Template {
  readonly Resources?: Readonly<
    Record<string, { readonly Type: string; readonly Metadata?: Readonly<Record<string, unknown>> }>
  >;
  readonly [key: string]: unknown;
}

/**
 * Compares two templates of a stack, with the knowledge which properties can be changed in place.
 *
 * @param deployed undefined for a stack that is not there yet
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

/** The gravest first, and of these what holds state. */
function rank({ effect, stateful }: ResourceChange): number {
  const order = ['replaced', 'removed', 'may be replaced', 'changed', 'new revision', 'added'];
  return order.indexOf(effect) * 2 + (stateful ? 0 : 1);
}
