import { Peer } from 'aws-cdk-lib/aws-ec2';
import type { ApplicationListener } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import { natAddressCount } from '../../../config/index.ts';
import { acknowledge } from '../../common/acknowledge.ts';
import { type EnvironmentContext, readContractList } from '../../common/stage-contract.ts';
import type { WebLoadBalancer } from '../web-load-balancer.ts';

/**
 * Admits the integration test from the NAT addresses if the load balancer is internet-facing: its name then resolves to
 * public addresses.
 *
 * @param listeners the listeners that are tested
 */
export function admitFromNat(
  scope: Construct,
  context: EnvironmentContext,
  balancer: WebLoadBalancer,
  listeners: readonly ApplicationListener[],
): void {
  const { scheme, allowedClients } = balancer.configured;
  if (scheme === 'internal') return;
  const forEverybody = allowedClients.includes('0.0.0.0/0');
  const closed = listeners.filter((listener) => !(forEverybody && listener === balancer.listener));
  if (closed.length === 0) return;
  if (!forEverybody) {
    acknowledge(balancer.securityGroup, {
      EC23: 'The addresses of the NAT gateways, each for itself, are known at deployment only: no rule can read them.',
    });
  }
  const count = natAddressCount(context.environment.network);
  for (const address of readContractList(scope, context, 'network', 'nat-addresses', count)) {
    for (const listener of closed) {
      listener.connections.allowDefaultPortFrom(Peer.ipv4(`${address}/32`), 'Integration test');
    }
  }
}
