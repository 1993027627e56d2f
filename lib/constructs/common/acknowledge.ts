import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Accepts findings of cdk-nag's AwsSolutions rules on a construct, and records why. An entry that matches no finding
 * fails the tests. `docs/generated/nag-acknowledgements.md` lists them all.
 *
 * @param reasons the reason by rule, such as `{ RDS11: '…' }`, or by finding, such as `{ 'IAM5[Resource::*]': '…' }`
 */
export function acknowledge(construct: IConstruct, reasons: Readonly<Record<string, string>>): void {
  for (const [rule, reason] of Object.entries(reasons)) {
    Validations.of(construct).acknowledge({ id: `AwsSolutions::AwsSolutions-${rule}`, reason });
  }
}
