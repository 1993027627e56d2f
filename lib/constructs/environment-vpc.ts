import { type IVpc, Vpc } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { type Place, readContract, readContractList } from './stage-contract.ts';

/** The VPC of an environment, for the stacks of later stages; its subnets by the names in `subnet-groups.ts`. */
export function environmentVpc(scope: Construct, place: Place): IVpc {
  const { region, network } = place.environment;
  const zones = network.zones.map((zone) => `${region}${zone}`);
  const subnetIds = (key: 'public-subnet-ids' | 'private-subnet-ids' | 'isolated-subnet-ids') =>
    readContractList(scope, place, 'network', key, zones.length);
  return Vpc.fromVpcAttributes(scope, 'Vpc', {
    vpcId: readContract(scope, place, 'network', 'vpc-id'),
    vpcCidrBlock: network.cidr,
    availabilityZones: zones,
    publicSubnetIds: subnetIds('public-subnet-ids'),
    privateSubnetIds: subnetIds('private-subnet-ids'),
    isolatedSubnetIds: subnetIds('isolated-subnet-ids'),
    publicSubnetNames: ['public'],
    privateSubnetNames: ['private'],
    isolatedSubnetNames: ['isolated'],
  });
}
