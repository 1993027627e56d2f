import { Annotations } from 'aws-cdk-lib';
import { type IVpc, Vpc } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { cidrsOf, type ExistingNetwork, subnetIdsOf, subnetsOf } from '../../config/index.ts';
import { givenId } from '../common/given-id.ts';
import { type SubnetGroup, subnetGroups } from './subnet-groups.ts';

/** A network: the VPC, and what its subnets are called. */
export interface Network {
  readonly vpc: IVpc;
  /** The ids of the subnets of a group, one for each zone that it stands in. */
  readonly subnetIds: (group: SubnetGroup) => string[];
  /** The public addresses that requests from the private subnets come from, as far as they are known. */
  readonly natAddresses: readonly string[];
}

/** The network that is there, by the ids that the configuration has. Nothing of it is made, changed or given a tag. */
export function givenNetwork(scope: Construct, network: ExistingNetwork, zones: string[]): Network {
  const subnetIds = (group: SubnetGroup) =>
    subnetIdsOf(network, group).map((subnet) => givenId(scope, subnet));
  const tables = subnetsOf(network).flatMap(([, { routeTable }]) => routeTable ?? []);
  const vpc = Vpc.fromVpcAttributes(scope, 'Vpc', {
    vpcId: givenId(scope, network.vpcId),
    vpcCidrBlock: cidrsOf(network)[0],
    availabilityZones: zones,
    privateSubnetIds: subnetIds('private'),
    privateSubnetNames: [subnetGroups.private],
    // All or none: without them no gateway endpoint can be made, and none is asked for.
    ...(tables.length === zones.length && {
      privateSubnetRouteTableIds: tables.map((table) => givenId(scope, table)),
    }),
  });
  const reason = 'Routes are the business of whoever made the network.';
  Annotations.of(vpc).acknowledgeWarning('@aws-cdk/aws-ec2:noSubnetRouteTableId', reason);
  return { vpc, subnetIds, natAddresses: network.natAddresses ?? [] };
}
