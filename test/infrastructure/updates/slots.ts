import { primaryIdentifier, replacingProperties } from '../replacements.ts';
import { objectsIn } from '../template.ts';
import type { EnvironmentUpdate, Physical } from './environment-update.ts';

/** Combinations of properties that must be unique, in addition to the identifiers in CloudFormation's schemas. */
const unique: Readonly<Record<string, readonly string[]>> = {
  'AWS::ElasticLoadBalancingV2::Listener': ['LoadBalancerArn', 'Port'],
  'AWS::ElasticLoadBalancingV2::ListenerRule': ['ListenerArn', 'Priority'],
  'AWS::EC2::VPCDHCPOptionsAssociation': ['VpcId'],
  'AWS::EC2::VPCGatewayAttachment': ['VpcId', 'InternetGatewayId'],
  'AWS::EC2::SubnetRouteTableAssociation': ['SubnetId'],
  'AWS::EC2::Route': ['RouteTableId', 'DestinationCidrBlock'],
  'AWS::EC2::VPCEndpoint': ['VpcId', 'ServiceName'],
  'AWS::EC2::Subnet': ['VpcId', 'CidrBlock'],
  'AWS::EC2::SecurityGroupIngress': ['GroupId', 'IpProtocol', 'FromPort', 'CidrIp', 'SourceSecurityGroupId'],
  'AWS::EC2::SecurityGroupEgress': [
    'GroupId',
    'IpProtocol',
    'FromPort',
    'CidrIp',
    'DestinationSecurityGroupId',
    'DestinationPrefixListId',
  ],
  'AWS::SecretsManager::RotationSchedule': ['SecretId'],
  'AWS::SecretsManager::ResourcePolicy': ['SecretId'],
  'AWS::Route53::RecordSet': ['HostedZoneId', 'Name', 'Type'],
  'AWS::S3::BucketPolicy': ['Bucket'],
  'AWS::SNS::TopicPolicy': ['Topics'],
  'AWS::SQS::QueuePolicy': ['Queues'],
  'AWS::IAM::Policy': ['PolicyName', 'Roles'],
  'AWS::ApplicationAutoScaling::ScalingPolicy': ['PolicyName', 'ScalingTargetId'],
};

/** Names that several resources may share. */
const shared = [
  'AWS::CertificateManager::Certificate DomainName',
  'AWS::DirectoryService::MicrosoftAD Name',
  'AWS::DirectoryService::MicrosoftAD ShortName',
];

/** The unique identities that a resource occupies. */
function slotsOf({ type, properties }: Physical): string[] {
  const slot = (names: readonly string[]) =>
    `${type} ${names.map((name) => `${name}=${JSON.stringify(properties[name])}`).join(', ')}`;
  const identifier = primaryIdentifier(type);
  const known = [
    ...(identifier.length > 0 && identifier.every((name) => properties[name] !== undefined)
      ? [identifier]
      : []),
    ...(unique[type] ? [unique[type]] : []),
    ...(unique[type] ? [] : replacingProperties(type))
      .filter((name) => /Name$/.test(name) && typeof properties[name] === 'string')
      .filter((name) => !shared.includes(`${type} ${name}`))
      .map((name) => [name]),
  ];
  return [...new Set(known.map(slot))];
}

/** The load balancer from which each target group receives its requests. */
function balancersOf(resources: readonly Physical[]): Map<string, string> {
  const balancers = new Map<string, string>();
  const listeners = new Map(
    resources
      .filter(({ type }) => type === 'AWS::ElasticLoadBalancingV2::Listener')
      .map(({ name, properties }) => [name, nameIn(properties.LoadBalancerArn)]),
  );
  for (const { type, name, properties } of resources) {
    const listener =
      type === 'AWS::ElasticLoadBalancingV2::Listener'
        ? name
        : type === 'AWS::ElasticLoadBalancingV2::ListenerRule'
          ? nameIn(properties.ListenerArn)
          : undefined;
    if (!listener) continue;
    for (const { TargetGroupArn } of objectsIn(properties)) {
      if (TargetGroupArn) balancers.set(nameIn(TargetGroupArn), listeners.get(listener) ?? listener);
    }
  }
  return balancers;
}

function nameIn(reference: unknown): string {
  return String((reference as { is?: string } | undefined)?.is ?? JSON.stringify(reference));
}

/** @returns one sentence for each unique identity that the update gives to one resource while another still has it */
export function collisions({ before, after }: EnvironmentUpdate): string[] {
  const taken = new Map(before.flatMap((resource) => slotsOf(resource).map((slot) => [slot, resource.name])));
  const places = after.flatMap((resource) =>
    slotsOf(resource)
      .filter((slot) => (taken.get(slot) ?? resource.name) !== resource.name)
      .map((slot) => `${resource.name} needs what ${taken.get(slot)} still has: ${slot}.`),
  );
  const attached = balancersOf(before);
  const groups = [...balancersOf(after)]
    .filter(([group, balancer]) => (attached.get(group) ?? balancer) !== balancer)
    .map(([group, balancer]) => `${group} goes to ${balancer} and is still at ${attached.get(group)}.`);
  return [...places, ...groups];
}
