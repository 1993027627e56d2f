import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Says, next to the construct it is about, why findings of cdk-nag's AwsSolutions rules are accepted there.
 * Every entry must match a finding: one that matches nothing fails the tests. All of them are listed in
 * `docs/generated/nag-acknowledgements.md`.
 *
 * @param reasons the reason by rule, such as `{ RDS11: '…' }`, or by finding, such as `{ 'IAM5[Resource::*]': '…' }`
 */
export function acknowledge(construct: IConstruct, reasons: Readonly<Record<string, string>>): void {
  for (const [rule, reason] of Object.entries(reasons)) {
    Validations.of(construct).acknowledge({ id: `AwsSolutions::AwsSolutions-${rule}`, reason });
  }
}
