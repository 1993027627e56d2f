import { Annotations } from 'aws-cdk-lib';
import { type IVpc, Vpc } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { cidrsOf, zonesWith } from '../../config/index.ts';
import { type EnvironmentContext, readContract, readContractList } from '../common/stage-contract.ts';
import { type SubnetGroup, subnetGroups } from './subnet-groups.ts';

/** The VPC of an environment with the given subnet groups, for the stacks of later stages. */
export function environmentVpc(
  scope: Construct,
  context: EnvironmentContext,
  groups: readonly SubnetGroup[],
): IVpc {
  const { region, network } = context.environment;
  // Only `isolated` may have fewer zones than the other groups, and no caller combines it with them.
  const letters = zonesWith(network, groups.includes('isolated') ? 'isolated' : 'private');
  const zones = letters.map((letter) => `${region}${letter}`);
  const subnets = Object.fromEntries(
    groups.flatMap((group) => [
      [`${group}SubnetIds`, readContractList(scope, context, 'network', `${group}-subnet-ids`, zones.length)],
      [`${group}SubnetNames`, [subnetGroups[group]]],
    ]),
  );
  const vpc = Vpc.fromVpcAttributes(scope, 'Vpc', {
    vpcId: readContract(scope, context, 'network', 'vpc-id'),
    vpcCidrBlock: cidrsOf(network)[0],
    availabilityZones: zones,
    ...subnets,
  });
  const reason = 'Routes are the business of the stage that made the network.';
  Annotations.of(vpc).acknowledgeWarning('@aws-cdk/aws-ec2:noSubnetRouteTableId', reason);
  return vpc;
}
