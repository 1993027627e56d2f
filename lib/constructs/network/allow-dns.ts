import { type ISecurityGroup, Peer, Port } from 'aws-cdk-lib/aws-ec2';
import type { Environment } from '../../config/index.ts';

/**
 * Lets names be asked for: the VPC's DNS servers are the domain controllers, so unlike those of AWS they are reached
 * only by whom a security group lets out.
 */
export function allowDns(securityGroup: ISecurityGroup, { network }: Environment): void {
  securityGroup.addEgressRule(Peer.ipv4(network.cidr), Port.udp(53), 'DNS');
  securityGroup.addEgressRule(Peer.ipv4(network.cidr), Port.tcp(53), 'DNS');
}
