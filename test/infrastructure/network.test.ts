import { describe, expect, test } from 'vitest';
import { exampleDeployment, fullDeployment, stackParts, synthesize } from './synthesize.ts';
import { all, list, objectsIn, only, resources } from './template.ts';

const example = synthesize(exampleDeployment()).template('production', 'network');
const full = synthesize(fullDeployment());
/** `s3` from `com.amazonaws.eu-central-1.s3`, however the region is written. */
const endpointOf = ({ ServiceName }: { ServiceName: unknown }) =>
  JSON.stringify(ServiceName).match(/(?:eu-central-1|"AWS::Region"\},")\.([a-z0-9.]+)"/)?.[1];

describe('The network', () => {
  test('has public, private and isolated subnets in each configured zone', () => {
    const tiers = all(example, 'AWS::EC2::Subnet').map(({ AvailabilityZone, Tags }) => [
      Tags.find(({ Key }: { Key: string }) => Key === 'aws-cdk:subnet-name').Value,
      AvailabilityZone,
    ]);
    expect(tiers).toEqual(
      ['public', 'private', 'isolated'].flatMap((tier) => [
        [tier, 'eu-central-1a'],
        [tier, 'eu-central-1b'],
      ]),
    );
  });

  test('assigns no public addresses automatically', () => {
    for (const { MapPublicIpOnLaunch } of all(example, 'AWS::EC2::Subnet'))
      expect(MapPublicIpOnLaunch).toBe(false);
  });

  test('has a route to the internet only from public subnets', () => {
    expect(resources(example, 'AWS::EC2::NatGateway')).toEqual([]);
    const routes = resources(example, 'AWS::EC2::Route').map(([id]) => id);
    expect(routes).toHaveLength(2);
    for (const id of routes) expect(id).toMatch(/^Vpcpublic/);
  });

  test('has the endpoints that tasks, functions and builds need when there is no NAT', () => {
    const endpoints = all(example, 'AWS::EC2::VPCEndpoint');
    const interfaces = endpoints.filter(({ VpcEndpointType }) => VpcEndpointType === 'Interface');
    expect(interfaces.map(endpointOf).sort()).toEqual(
      ['codebuild', 'ds', 'ecr.api', 'ecr.dkr', 'events', 'logs', 'secretsmanager'].sort(),
    );
    for (const { PrivateDnsEnabled } of interfaces) expect(PrivateDnsEnabled).toBe(true);
    expect(endpoints.filter(({ VpcEndpointType }) => VpcEndpointType === 'Gateway').map(endpointOf)).toEqual([
      's3',
    ]);
  });

  test('lets only the VPC use the endpoints', () => {
    const group = all(example, 'AWS::EC2::SecurityGroup').find(({ GroupDescription }) =>
      GroupDescription.startsWith('Interface endpoints'),
    );
    expect(group.SecurityGroupIngress).toEqual([
      expect.objectContaining({ CidrIp: '10.0.0.0/16', FromPort: 443, ToPort: 443, IpProtocol: 'tcp' }),
    ]);
  });

  test('logs all flows, and closes the default security group', () => {
    expect(only(example, 'AWS::EC2::FlowLog')).toMatchObject({ TrafficType: 'ALL', ResourceType: 'VPC' });
    expect(resources(example, 'Custom::VpcRestrictDefaultSG')).toHaveLength(1);
  });

  test('has a cluster with container insights', () => {
    expect(only(example, 'AWS::ECS::Cluster')).toMatchObject({
      ClusterName: 'windows-auth-production',
      ClusterSettings: [{ Name: 'containerInsights', Value: 'enabled' }],
    });
  });

  test('can have NAT and more zones', () => {
    const network = full.template('staging', 'network');
    expect(resources(network, 'AWS::EC2::NatGateway')).toHaveLength(1);
    expect(resources(network, 'AWS::EC2::Subnet')).toHaveLength(9);
  });
});

describe('Programs in the network', () => {
  const groupsOf = (value: unknown) =>
    [...objectsIn(value)]
      .flatMap((object) => list(object['Fn::GetAtt'] as string[]))
      .filter((id) => id !== 'GroupId');

  test('may use the domain controllers for DNS', () => {
    const found = stackParts.flatMap((part) => {
      const template = full.template('staging', part);
      const users = [
        ...all(template, 'AWS::Lambda::Function').map(({ VpcConfig }) => VpcConfig?.SecurityGroupIds),
        ...all(template, 'AWS::CodeBuild::Project').map(({ VpcConfig }) => VpcConfig.SecurityGroupIds),
        ...all(template, 'AWS::ECS::Service').map(
          ({ NetworkConfiguration }) => NetworkConfiguration.AwsvpcConfiguration.SecurityGroups,
        ),
      ];
      return users.flatMap(groupsOf).map((id) => template.Resources[id]?.Properties.SecurityGroupEgress);
    });
    // Database, logins of the other services, integration test, rotation, and the tasks of web.
    expect(found).toHaveLength(6);
    for (const egress of found) {
      const dns = egress.find(
        ({ IpProtocol, FromPort }: { IpProtocol: string; FromPort?: number }) =>
          IpProtocol === '-1' || (IpProtocol === 'udp' && FromPort === 53),
      );
      expect(dns).toBeDefined();
    }
  });
});

describe('The management host', () => {
  const domain = full.template('staging', 'domain');

  test('is off by default', () => {
    expect(
      resources(synthesize(exampleDeployment()).template('production', 'domain'), 'AWS::EC2::Instance'),
    ).toEqual([]);
  });

  test('has no key pair, no public address, no inbound rules, and an encrypted disk', () => {
    const host = only(domain, 'AWS::EC2::Instance');
    expect(host.KeyName).toBeUndefined();
    expect(JSON.stringify(host.SubnetId)).toMatch(/private/);
    expect(host.BlockDeviceMappings[0].Ebs).toMatchObject({ Encrypted: true });
    expect(resources(domain, 'AWS::EC2::SecurityGroupIngress')).toEqual([]);
    for (const group of all(domain, 'AWS::EC2::SecurityGroup')) {
      expect(group.SecurityGroupIngress).toBeUndefined();
    }
  });

  test('is reached through Session Manager, whose endpoints exist', () => {
    const services = all(full.template('staging', 'network'), 'AWS::EC2::VPCEndpoint').map(endpointOf);
    expect(services).toEqual(expect.arrayContaining(['ssm', 'ssmmessages', 'ec2messages']));
    expect(only(domain, 'AWS::SSM::Association')).toMatchObject({
      Name: 'AWS-JoinDirectoryServiceDomain',
    });
  });
});
