import { type ISecurityGroup, Peer, Port } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { type Place, readContract } from '../common/stage-contract.ts';

/** Where AWS is reached from the private subnets. */
export interface AwsAccess {
  /** The group of the interface endpoints. */
  readonly endpointSecurityGroupId: string;
  /** The addresses of S3 in the region, by AWS's own list of them. */
  readonly s3PrefixListId: string;
}

/** The same for the stacks of later stages. */
export function awsAccess(scope: Construct, place: Place): AwsAccess {
  return {
    endpointSecurityGroupId: readContract(scope, place, 'network', 'endpoint-security-group-id'),
    s3PrefixListId: readContract(scope, place, 'network', 's3-prefix-list-id'),
  };
}

/** Lets AWS be called, and nobody else: images' layers and answers to CloudFormation travel by S3's public addresses. */
export function allowAws(securityGroup: ISecurityGroup, access: AwsAccess): void {
  allowEndpoints(securityGroup, access);
  securityGroup.addEgressRule(Peer.prefixList(access.s3PrefixListId), Port.HTTPS, 'S3');
}

/** Lets the services with an interface endpoint be called. */
export function allowEndpoints(
  securityGroup: ISecurityGroup,
  { endpointSecurityGroupId }: Pick<AwsAccess, 'endpointSecurityGroupId'>,
): void {
  securityGroup.addEgressRule(Peer.securityGroupId(endpointSecurityGroupId), Port.HTTPS, 'Endpoints of AWS');
}
