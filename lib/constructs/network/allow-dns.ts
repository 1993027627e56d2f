import { type ISecurityGroup, Peer, Port } from 'aws-cdk-lib/aws-ec2';
import type { Environment } from '../../config/index.ts';

/**
 * Allows outgoing DNS. The VPC resolves names through the domain controllers, which, unlike the Amazon resolver, are
 * subject to security groups.
 */
export function allowDns(securityGroup: ISecurityGroup, { network }: Environment): void {
  securityGroup.addEgressRule(Peer.ipv4(network.cidr), Port.udp(53), 'DNS');
  securityGroup.addEgressRule(Peer.ipv4(network.cidr), Port.tcp(53), 'DNS');
}
