import { type ISecurityGroup, Peer, Port } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { awsElsewhere, hasInterfaceEndpoints } from '../../config/index.ts';
import { type EnvironmentContext, readContract } from '../common/stage-contract.ts';
import { peerOf } from './peers.ts';

/** How AWS services are reached from the private subnets. */
export interface AwsAccess {
  /** The security group of the interface endpoints that the network's stack creates, if any. */
  readonly endpointSecurityGroupId?: string | undefined;
  /** Other addresses at which AWS is reached: through NAT, or through endpoints of others. */
  readonly elsewhere: readonly string[];
  /** AWS's managed prefix list of the S3 addresses in the region. */
  readonly s3PrefixListId: string;
}

/** Reads the same from the values that the network stack has published, for the stacks of later stages. */
export function awsAccess(scope: Construct, context: EnvironmentContext): AwsAccess {
  const { network } = context.environment;
  return {
    endpointSecurityGroupId: hasInterfaceEndpoints(network)
      ? readContract(scope, context, 'network', 'endpoint-security-group-id')
      : undefined,
    elsewhere: awsElsewhere(network),
    s3PrefixListId: readContract(scope, context, 'network', 's3-prefix-list-id'),
  };
}

/** Allows calls to AWS and S3: image layers and responses to CloudFormation go to S3's public addresses. */
export function allowAws(securityGroup: ISecurityGroup, access: AwsAccess): void {
  allowEndpoints(securityGroup, access);
  securityGroup.addEgressRule(Peer.prefixList(access.s3PrefixListId), Port.HTTPS, 'S3');
}

/** Allows calls to the interface endpoints, and to the other addresses at which AWS is reached. */
export function allowEndpoints(
  securityGroup: ISecurityGroup,
  { endpointSecurityGroupId, elsewhere }: Omit<AwsAccess, 's3PrefixListId'>,
): void {
  for (const addresses of elsewhere) securityGroup.addEgressRule(peerOf(addresses), Port.HTTPS, 'AWS');
  if (!endpointSecurityGroupId) return;
  securityGroup.addEgressRule(Peer.securityGroupId(endpointSecurityGroupId), Port.HTTPS, 'Endpoints of AWS');
}
