import { type ISecurityGroup, Peer, Port } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { awsElsewhere, hasInterfaceEndpoints } from '../../config/index.ts';
import { type EnvironmentContext, readContract } from '../common/stage-contract.ts';
import { peerOf } from './peers.ts';

/** Where AWS is reached from the private subnets. */
export interface AwsAccess {
  /** The group of the interface endpoints that are made with the network, if there are any. */
  readonly endpointSecurityGroupId?: string | undefined;
  /** Where it is reached besides: by NAT, or by endpoints of others. */
  readonly elsewhere: readonly string[];
  /** The addresses of S3 in the region, by AWS's own list of them. */
  readonly s3PrefixListId: string;
}

/** The same for the stacks of later stages. */
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

/** Lets AWS be called, and nobody else: images' layers and answers to CloudFormation travel by S3's public addresses. */
export function allowAws(securityGroup: ISecurityGroup, access: AwsAccess): void {
  allowEndpoints(securityGroup, access);
  securityGroup.addEgressRule(Peer.prefixList(access.s3PrefixListId), Port.HTTPS, 'S3');
}

/** Lets the services be called that have an interface endpoint, or are reached elsewhere. */
export function allowEndpoints(
  securityGroup: ISecurityGroup,
  { endpointSecurityGroupId, elsewhere }: Omit<AwsAccess, 's3PrefixListId'>,
): void {
  for (const addresses of elsewhere) securityGroup.addEgressRule(peerOf(addresses), Port.HTTPS, 'AWS');
  if (!endpointSecurityGroupId) return;
  securityGroup.addEgressRule(Peer.securityGroupId(endpointSecurityGroupId), Port.HTTPS, 'Endpoints of AWS');
}
