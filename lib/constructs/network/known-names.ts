import {
  CfnFirewallDomainList,
  CfnFirewallRuleGroup,
  CfnFirewallRuleGroupAssociation,
} from 'aws-cdk-lib/aws-route53resolver';
import { Construct } from 'constructs';
import { cidrsOf, contains, type Network, reverseNames } from '../../config/index.ts';
import type { EnvironmentContext } from '../common/stage-contract.ts';

/**
 * Names of addresses in private networks (RFC 1918). Those of all addresses would be a way out: whoever has a range of
 * public addresses has a name server of their own that is asked for their names.
 */
const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

/**
 * With those of the VPC, whichever range it has: these the resolver of AWS answers by itself.
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
 * Names of the outside do not exist in this network: a question to a name server is a way out, too, and security groups
 * do not see what is asked of the resolver of AWS. What the network needs are names of AWS, of its own, of its
 * domains, and of its SQL Server.
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
