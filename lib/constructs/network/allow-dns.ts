import { type ISecurityGroup, Port } from 'aws-cdk-lib/aws-ec2';
import { dnsServers, type Environment } from '../../config/index.ts';
import { peerOf } from './peers.ts';

/**
 * Allows outgoing DNS where names are asked of the domain controllers, or of other servers, which, unlike the Amazon
 * resolver, are subject to security groups.
 */
export function allowDns(securityGroup: ISecurityGroup, environment: Environment): void {
  for (const servers of dnsServers(environment)) {
    securityGroup.addEgressRule(peerOf(servers), Port.udp(53), 'DNS');
    securityGroup.addEgressRule(peerOf(servers), Port.tcp(53), 'DNS');
  }
}
