import { Aspects, type IAspect, Stack } from 'aws-cdk-lib';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/**
 * Services that say for which account they act when they take on a role, and whose roles the CDK makes without asking
 * them. A service that is asked for it and does not say it could not take on its role at all.
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

/** Has every role in a scope that a service takes on be taken on for its own account alone, where the service says so. */
export function trustOwnAccount(scope: IConstruct): void {
  Aspects.of(scope).add(new TrustsOwnAccount());
}
