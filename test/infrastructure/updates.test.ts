import { describe, expect, test } from 'vitest';
import { fullDeployment, type StackPart, synthesize } from './synthesize.ts';
import type { Resource, SynthesizedTemplate } from './template.ts';
import { environmentUpdate } from './updates/environment-update.ts';
import { collisions } from './updates/slots.ts';

type Mutable = { Resources: Record<string, Resource> };
type Templates = ReadonlyMap<string, SynthesizedTemplate>;

const { templates } = synthesize(fullDeployment());
const staging: Templates = new Map([...templates].filter(([name]) => name.includes('-staging-')));

/** The same templates with one of them changed. */
function mutated(part: StackPart, change: (template: Mutable) => void): Templates {
  return new Map(
    [...staging].map(([name, template]) => {
      if (!name.endsWith(`-staging-${part}`)) return [name, template];
      const copy = structuredClone(template) as Mutable;
      change(copy);
      return [name, copy];
    }),
  );
}

/** Gives a resource of the type another logical id, as a renamed construct would, also where others refer to it. */
function renamed(
  template: Mutable,
  type: string,
  which: (properties: Resource['Properties']) => boolean = () => true,
) {
  const found = Object.entries(template.Resources).find(([, r]) => r.Type === type && which(r.Properties));
  if (!found) throw new Error(`There is no such ${type}.`);
  const [id] = found;
  const text = JSON.stringify(template.Resources).replaceAll(`"${id}"`, `"Other${id}"`);
  template.Resources = JSON.parse(text);
}

function change(template: Mutable, type: string, how: (properties: Resource['Properties']) => void): void {
  const found = Object.values(template.Resources).find(({ Type }) => Type === type);
  if (!found) throw new Error(`There is no ${type}.`);
  how(found.Properties);
}

describe('A unique identity that is used twice is found', () => {
  test('and none if nothing changes', () => {
    const update = environmentUpdate(staging, staging);
    expect(collisions(update)).toEqual([]);
    expect(update.leaving).toEqual([]);
  });

  test.each<[string, StackPart, string, RegExp, ((properties: Resource['Properties']) => boolean)?]>([
    [
      'the port of a load balancer',
      'service',
      'AWS::ElasticLoadBalancingV2::Listener',
      /Port=80/,
      ({ Port }) => Port === 80,
    ],
    ['the priority of a rule', 'service', 'AWS::ElasticLoadBalancingV2::ListenerRule', /Priority=50000/],
    ['a name in a zone', 'service', 'AWS::Route53::RecordSet', /Name="music\.example\.com\."/],
    ['the name of an alarm', 'service', 'AWS::CloudWatch::Alarm', /AlarmName="windows-auth-staging-/],
    ['the name of a dashboard', 'service', 'AWS::CloudWatch::Dashboard', /DashboardName=/],
    [
      'the name of a project',
      'service',
      'AWS::CodeBuild::Project',
      /Name="windows-auth-staging-integration-test"/,
    ],
    ['the name of a service', 'service', 'AWS::ECS::Service', /ServiceName=/],
    [
      'the number of tasks of a service',
      'service',
      'AWS::ApplicationAutoScaling::ScalableTarget',
      /ResourceId=/,
    ],
    ['a parameter', 'service', 'AWS::SSM::Parameter', /Name="\/windows-auth\/staging\/service\/url"/],
    ['the name of a topic', 'network', 'AWS::SNS::Topic', /TopicName=/],
    ['the policy of a topic', 'network', 'AWS::SNS::TopicPolicy', /Topics=/],
    ['the name of a cluster', 'network', 'AWS::ECS::Cluster', /ClusterName=/],
    ['an endpoint of a VPC', 'network', 'AWS::EC2::VPCEndpoint', /ServiceName=/],
    ['a range of a VPC', 'network', 'AWS::EC2::Subnet', /CidrBlock="10\.0\.0\.0\/24"/],
    ['a route', 'network', 'AWS::EC2::Route', /DestinationCidrBlock="0\.0\.0\.0\/0"/],
    ['the routes of a subnet', 'network', 'AWS::EC2::SubnetRouteTableAssociation', /SubnetId=/],
    ['the DHCP options of a VPC', 'domain', 'AWS::EC2::VPCDHCPOptionsAssociation', /VpcId=/],
    ['the rotation of a secret', 'domain', 'AWS::SecretsManager::RotationSchedule', /SecretId=/],
    [
      'the name of a log group',
      'domain',
      'AWS::Logs::LogGroup',
      /LogGroupName=/,
      ({ LogGroupName }) => !!LogGroupName,
    ],
    ['the identifier of a database', 'database', 'AWS::RDS::DBInstance', /DBInstanceIdentifier="music-db"/],
  ])('%s', (_, part, type, slot, which) => {
    const update = environmentUpdate(
      staging,
      mutated(part, (template) => renamed(template, type, which)),
    );
    expect(collisions(update)).toContainEqual(expect.stringMatching(slot));
  });

  test('a target group that moves to another load balancer', () => {
    const after = mutated('service', (template) =>
      change(template, 'AWS::ElasticLoadBalancingV2::LoadBalancer', (balancer) => {
        balancer.Scheme = 'internal';
      }),
    );
    expect(collisions(environmentUpdate(staging, after))).toEqual(
      expect.arrayContaining([expect.stringMatching(/Targets\w+ goes to .+LoadBalancer.+ and is still at/)]),
    );
  });

  test('a named resource that is recreated under its old name', () => {
    const after = mutated('service', (template) =>
      change(template, 'AWS::ECS::Service', (service) => {
        service.SchedulingStrategy = 'DAEMON';
      }),
    );
    expect(collisions(environmentUpdate(staging, after))).toContainEqual(
      expect.stringMatching(/ServiceName="windows-auth-staging-web"/),
    );
  });
});

describe('Replacements by an update are followed', () => {
  const leaving = (after: Templates) => environmentUpdate(staging, after).leaving.map(({ type }) => type);

  test('from a VPC to everything in it, through the parameters of other stacks', () => {
    const after = mutated('network', (template) =>
      change(template, 'AWS::EC2::VPC', (vpc) => {
        vpc.CidrBlock = '10.9.0.0/16';
      }),
    );
    expect(leaving(after)).toEqual(
      expect.arrayContaining([
        'AWS::EC2::Subnet',
        'AWS::DirectoryService::MicrosoftAD',
        'AWS::ElasticLoadBalancingV2::TargetGroup',
      ]),
    );
  });

  test('from a directory to its user, through the physical id that the handler makes', () => {
    const after = mutated('directory', (template) =>
      change(template, 'AWS::DirectoryService::MicrosoftAD', (directory) => {
        directory.Edition = 'Enterprise';
      }),
    );
    expect(leaving(after)).toContain('Custom::DirectoryUser');
  });

  test('from a generated secret to a secret with a new value', () => {
    const after = mutated('domain', (template) =>
      change(template, 'AWS::SecretsManager::Secret', (secret) => {
        secret.GenerateSecretString.PasswordLength = 41;
      }),
    );
    expect(leaving(after)).toContain('AWS::SecretsManager::Secret');
  });

  test('and an unchanged value within a longer list is not a change', () => {
    const after = mutated('network', (template) => {
      const lists = Object.values(template.Resources).filter(
        ({ Type, Properties }) => Type === 'AWS::SSM::Parameter' && /subnet-ids$/.test(Properties.Name),
      );
      for (const { Properties } of lists) Properties.Value['Fn::Join'][1].push('subnet-of-a-fourth-zone');
    });
    // The doctor of a job gets the whole list. It has no running tasks, so none of them stop.
    const others = environmentUpdate(staging, after).leaving.filter(
      ({ properties }) => !/-job-doctor$/.test(String(properties.Family)),
    );
    expect(others).toEqual([]);
  });
});
