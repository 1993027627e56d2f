import { type ISecurityGroup, Port } from 'aws-cdk-lib/aws-ec2';
import { dnsServers, type Environment } from '../../config/index.ts';
import { peerOf } from './peers.ts';

/**
 * Allows outgoing DNS to the domain controllers or other configured DNS servers. The Amazon resolver needs no rule,
 * because security groups do not apply to it.
 */
export function allowDns(securityGroup: ISecurityGroup, environment: Environment): void {
  for (const servers of dnsServers(environment)) {
    securityGroup.addEgressRule(peerOf(servers), Port.udp(53), 'DNS');
    securityGroup.addEgressRule(peerOf(servers), Port.tcp(53), 'DNS');
  }
}
