import { type IVpc, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import {
  CfnResolverEndpoint,
  CfnResolverRule,
  CfnResolverRuleAssociation,
} from 'aws-cdk-lib/aws-route53resolver';
import { Construct } from 'constructs';
import { namesOf, type Resolver } from '../../config/index.ts';
import { givenId } from '../common/given-id.ts';
import type { EnvironmentContext } from '../common/stage-contract.ts';
import { peerOf } from './peers.ts';

/** A domain, and what forwards queries for its names to its DNS servers. */
export interface ResolvedDomain {
  readonly name: string;
  readonly resolver: Resolver;
  readonly dnsAddresses: readonly string[];
}

export interface DomainResolverProps {
  readonly context: EnvironmentContext;
  readonly vpc: IVpc;
  /** The subnets of the outbound endpoint, if one is created; in at least two zones. */
  readonly subnetIds: readonly string[];
  readonly domains: readonly ResolvedDomain[];
}

/**
 * Rules with which the AWS resolver forwards queries for a domain's names, from this VPC, to the domain's own DNS servers.
 * It creates a rule and an outbound endpoint, or associates a rule of others with the VPC. The VPC's DHCP options do not
 * change.
 *
 * @see https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-forwarding-outbound-queries.html
 */
export class DomainResolver extends Construct {
  readonly #props: DomainResolverProps;
  readonly #prefix: string;

  constructor(scope: Construct, id: string, props: DomainResolverProps) {
    super(scope, id);
    this.#props = props;
    this.#prefix = namesOf(props.context.deployment, props.context.environment).prefix;
    const made = props.domains.filter(({ resolver }) => resolver === 'create');
    const endpoint = made.length > 0 ? this.#endpoint(made) : undefined;
    for (const domain of props.domains) {
      const ruleId = this.#ruleId(domain, endpoint);
      if (!ruleId) continue;
      new CfnResolverRuleAssociation(this, `InVpc-${domain.name}`, {
        resolverRuleId: ruleId,
        vpcId: props.vpc.vpcId,
      });
    }
  }

  #ruleId(
    { name, resolver, dnsAddresses }: ResolvedDomain,
    endpoint?: CfnResolverEndpoint,
  ): string | undefined {
    if (resolver === 'none') return undefined;
    if (resolver !== 'create') return givenId(this, resolver.ruleId);
    return new CfnResolverRule(this, `Rule-${name}`, {
      domainName: name,
      name: `${this.#prefix}-${name.replaceAll('.', '-')}`.slice(0, 64),
      ruleType: 'FORWARD',
      ...(endpoint && { resolverEndpointId: endpoint.ref }),
      targetIps: dnsAddresses.map((ip) => ({ ip })),
    }).attrResolverRuleId;
  }

  /** The endpoint sends queries from its own addresses, so it needs a security group. */
  #endpoint(domains: readonly ResolvedDomain[]): CfnResolverEndpoint {
    const securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc: this.#props.vpc,
      description: 'Resolver of AWS: out to the DNS servers of domains',
      allowAllOutbound: false,
    });
    for (const address of new Set(domains.flatMap(({ dnsAddresses }) => dnsAddresses))) {
      for (const port of [Port.udp(53), Port.tcp(53)]) {
        securityGroup.addEgressRule(peerOf(`${address}/32`), port, 'DNS');
      }
    }
    return new CfnResolverEndpoint(this, 'Endpoint', {
      name: this.#prefix,
      direction: 'OUTBOUND',
      ipAddresses: this.#props.subnetIds.map((subnetId) => ({ subnetId })),
      securityGroupIds: [securityGroup.securityGroupId],
    });
  }
}
