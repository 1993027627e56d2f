import { Annotations } from 'aws-cdk-lib';
import { type IVpc, Vpc } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { cidrsOf, type ExistingNetwork, subnetIdsOf, subnetsOf } from '../../config/index.ts';
import { givenId } from '../common/given-id.ts';
import { type SubnetGroup, subnetGroups } from './subnet-groups.ts';

/** A network: the VPC, its subnets, and its NAT addresses. */
export interface Network {
  readonly vpc: IVpc;
  /** The subnet ids of a group, one for each of its zones. */
  readonly subnetIds: (group: SubnetGroup) => string[];
  /** The known public addresses from which requests of the private subnets arrive. */
  readonly natAddresses: readonly string[];
}

/** An existing network, by the ids in the configuration. It is neither changed nor tagged. */
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
    // All or none. They are only needed for a gateway endpoint.
    ...(tables.length === zones.length && {
      privateSubnetRouteTableIds: tables.map((table) => givenId(scope, table)),
    }),
  });
  const reason = 'Routes are the business of whoever made the network.';
  Annotations.of(vpc).acknowledgeWarning('@aws-cdk/aws-ec2:noSubnetRouteTableId', reason);
  return { vpc, subnetIds, natAddresses: network.natAddresses ?? [] };
}
