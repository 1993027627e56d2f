import { objectsIn, type SynthesizedTemplate } from './template.ts';

/** Types of resources that change a VPC for all its users, or are parts of one. */
const ofTheOwner =
  /^AWS::EC2::(VPC$|VPC(?!Endpoint)|Subnet|Route|NatGateway|InternetGateway|EgressOnly|EIP|DHCP|NetworkAcl|FlowLog|TransitGateway|VPNGateway|Carrier)|^AWS::Route53Resolver::(Firewall|ResolverConfig|ResolverDNSSEC|ResolverQueryLogging)|^Custom::VpcRestrict/;

export interface Allowed {
  /** Services for which the configuration requests endpoints. */
  readonly endpoints: readonly string[];
  /** Whether it requests a resolver or a rule. */
  readonly resolver: boolean;
}

/** Changes that templates would make to an existing network: a sentence for each. */
export function changesOfForeignNetwork(
  templates: readonly SynthesizedTemplate[],
  allowed: Allowed,
): string[] {
  return templates.flatMap((template) =>
    Object.entries(template.Resources).flatMap(([id, { Type, Properties = {} }]) => {
      if (ofTheOwner.test(Type)) return [`${id} (${Type}) changes the network for everybody.`];
      if (Type.startsWith('AWS::Route53Resolver::Resolver') && !allowed.resolver) {
        return [`${id} (${Type}) changes how names are found, and nobody has asked for it.`];
      }
      if (Type === 'AWS::EC2::VPCEndpoint') return endpointProblems(id, Properties, allowed);
      if (/SecurityGroup(In|E)gress$/.test(Type) && typeof Properties.GroupId === 'string') {
        return [`${id} writes into the group ${Properties.GroupId} of others.`];
      }
      return [...objectsIn(Properties)]
        .filter(({ Tags }) => Tags && JSON.stringify(Properties).includes('"ResourceId":"subnet-'))
        .map(() => `${id} gives a subnet of others tags.`);
    }),
  );
}

function endpointProblems(
  id: string,
  { ServiceName, PolicyDocument }: Readonly<Record<string, unknown>>,
  { endpoints }: Allowed,
): string[] {
  const name = JSON.stringify(ServiceName);
  return [
    ...(endpoints.some((service) => name.includes(`.${service}"`)) ? [] : [`${id} is an endpoint too many.`]),
    // The endpoint serves all calls of the VPC, including those of others.
    ...(PolicyDocument ? [`${id} refuses calls of others in the network.`] : []),
  ];
}
