import type { CfnResource } from 'aws-cdk-lib';
import { type ISecurityGroup, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/index.ts';
import { givenId } from '../common/given-id.ts';

type Kind = 'tasks' | 'functions' | 'loadBalancer';

/** The groups that the configuration names for a kind, for constructs that take groups and write no rules into them. */
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
 * Puts a resource into the security groups that the configuration names for its kind, too. Below the CDK's own level,
 * which would take them for groups of ours: it would write rules into them, and let into our groups whoever has them.
 *
 * @param path of the property that lists its groups
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
