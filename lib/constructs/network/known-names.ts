import {
  CfnFirewallDomainList,
  CfnFirewallRuleGroup,
  CfnFirewallRuleGroupAssociation,
} from 'aws-cdk-lib/aws-route53resolver';
import { Construct } from 'constructs';
import { cidrsOf, contains, type Network, reverseNames } from '../../config/index.ts';
import type { EnvironmentContext } from '../common/stage-contract.ts';

/**
 * Private address ranges (RFC 1918), for reverse lookups. Reverse lookups of all addresses would be a way out: the queries
 * for a public range go to the name server of its holder, who may be an attacker.
 */
const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

/**
 * The reverse names of these ranges and of the VPC, whose range may be another one. The AWS resolver answers queries for
 * the VPC's addresses itself.
 *
 * @see https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-overview-DSN-queries-to-vpc.html
 */
const ownAddresses = (network: Network) =>
  [
    ...privateRanges,
    ...cidrsOf(network).filter((own) =>
      privateRanges.every((range) => !contains(range, own.split('/')[0] ?? '')),
    ),
  ].flatMap(reverseNames);

/**
 * Blocks DNS queries for outside names. Such a query is a way out of the network, and security groups do not apply to the
 * AWS resolver. Names of AWS, the network itself, its domains, its load balancer and its SQL Server still resolve.
 *
 * @see https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-dns-firewall.html
 */
export class KnownNames extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { vpcId, context }: { readonly vpcId: string; readonly context: EnvironmentContext },
  ) {
    super(scope, id);
    const { domain, trusted, database, loadBalancer, network } = context.environment;
    const withAllBelow = [
      'amazonaws.com',
      'compute.internal',
      'ec2.internal',
      ...ownAddresses(network),
      ...[domain, ...trusted].map(({ name }) => name),
    ];
    const isKnown = (host: string) => withAllBelow.some((name) => host.endsWith(`.${name}`));
    const hosts = [loadBalancer.hostName, database.type === 'existing' ? database.host : undefined];
    const known = new CfnFirewallDomainList(this, 'Known', {
      domains: [
        ...withAllBelow.flatMap((name) => [name, `*.${name}`]),
        ...hosts.filter((host) => host !== undefined).filter((host) => !isKnown(host)),
      ],
    });
    const all = new CfnFirewallDomainList(this, 'All', { domains: ['*'] });
    const rules = new CfnFirewallRuleGroup(this, 'Rules', {
      firewallRules: [
        { priority: 1, action: 'ALLOW', firewallDomainListId: known.attrId },
        { priority: 2, action: 'BLOCK', blockResponse: 'NXDOMAIN', firewallDomainListId: all.attrId },
      ],
    });
    new CfnFirewallRuleGroupAssociation(this, 'InVpc', {
      firewallRuleGroupId: rules.attrId,
      vpcId,
      priority: 101,
    });
  }
}
