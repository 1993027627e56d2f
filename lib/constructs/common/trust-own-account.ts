import { Aspects, type IAspect, Stack } from 'aws-cdk-lib';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/**
 * Services that send `aws:SourceAccount` when they assume a role, but whose roles the CDK creates without a condition on
 * it. A service that does not send it could not assume a role that has the condition.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/cross-service-confused-deputy-prevention.html
 * @see https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
 */
const saying = ['events.amazonaws.com', 'vpc-flow-logs.amazonaws.com'];

interface Trust {
  readonly Statement: readonly { readonly Principal?: { readonly Service?: unknown } }[];
}

class TrustsOwnAccount implements IAspect {
  visit(node: IConstruct): void {
    if (!(node instanceof CfnRole)) return;
    const stack = Stack.of(node);
    const { Statement } = stack.resolve(node.assumeRolePolicyDocument) as Trust;
    for (const [index, { Principal }] of Statement.entries()) {
      if (!saying.some((service) => service === Principal?.Service)) continue;
      node.addPropertyOverride(`AssumeRolePolicyDocument.Statement.${index}.Condition`, {
        StringEquals: { 'aws:SourceAccount': stack.account },
      });
    }
  }
}

/** Lets these services assume the roles in a scope only on behalf of the role's own account. */
export function trustOwnAccount(scope: IConstruct): void {
  Aspects.of(scope).add(new TrustsOwnAccount());
}
