import type { CfnResource } from 'aws-cdk-lib';
import { type ISecurityGroup, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/index.ts';
import { givenId } from '../common/given-id.ts';

type Kind = 'tasks' | 'functions' | 'loadBalancer';

/** The extra security groups configured for a kind, for constructs that add no rules to the groups they are given. */
export function extraSecurityGroups(
  scope: Construct,
  { network }: Environment,
  kind: Kind,
): ISecurityGroup[] {
  const extra = network.type === 'existing' ? (network.extraSecurityGroups[kind] ?? []) : [];
  return extra.map((id, index) =>
    SecurityGroup.fromSecurityGroupId(scope, `Extra${index}`, givenId(scope, id), { mutable: false }),
  );
}

/**
 * Adds the extra security groups configured for a kind to a resource. Overrides the property in the template, because the
 * CDK's constructs would treat them as our own: add rules to them, and allow traffic from them in our own groups.
 *
 * @param path the property that lists the resource's security groups
 * @param own the id of the resource's own security group
 */
export function addExtraSecurityGroups(
  resource: CfnResource,
  { network }: Environment,
  kind: Kind,
  path: string,
  own: string,
): void {
  const extra = network.type === 'existing' ? network.extraSecurityGroups[kind] : undefined;
  if (!extra) return;
  resource.addPropertyOverride(path, [own, ...extra.map((id) => givenId(resource, id))]);
}
