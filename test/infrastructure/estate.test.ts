import { describe, expect, test } from 'vitest';
import { type Environment, endpointsOf } from '../../lib/config/index.ts';
import { estates } from './estates.ts';
import { type Allowed, changesOfForeignNetwork } from './foreign-network.ts';
import { type stackParts, synthesize } from './synthesize.ts';
import { all, list, only, resources, type SynthesizedTemplate } from './template.ts';
import { validated } from './validated.ts';

const staging = Object.entries(estates).map(([name, make]) => {
  const deployment = make();
  const [environment] = deployment.environments;
  if (!environment) throw new Error('An estate has an environment.');
  const { template, templates } = synthesize(deployment);
  const part = (stack: (typeof stackParts)[number]) => template('staging', stack);
  return {
    name,
    deployment,
    environment,
    part,
    templates: [...templates].filter(([stack]) => stack.includes('-staging-')).map(([, found]) => found),
  };
});
const inOthersNetwork = staging.filter(({ environment }) => environment.network.type === 'existing');

function estate(name: RegExp) {
  const found = staging.find((one) => name.test(one.name));
  if (!found) throw new Error(`There is no estate ${name}.`);
  return found;
}

const allowedIn = ({ network, directory, trusted }: Environment): Allowed => ({
  endpoints: endpointsOf(network),
  resolver: [directory, ...trusted].some(({ resolver }) => resolver !== 'none'),
});

describe.each(staging)('$name', ({ deployment }) => {
  test('passes every validation, without unused acknowledgements', () => {
    const { report, unusedAcknowledgements } = validated(deployment);
    for (const { violations } of report.values()) expect(violations).toEqual([]);
    expect(unusedAcknowledgements).toEqual([]);
  });
});

describe('In an existing network', () => {
  test.each(inOthersNetwork)('nothing is changed without a request: $name', ({ templates, environment }) => {
    expect(changesOfForeignNetwork(templates, allowedIn(environment))).toEqual([]);
  });

  test('DHCP options are created only for our own network', () => {
    for (const { templates, environment } of staging) {
      const made = templates.flatMap((template) => resources(template, 'AWS::EC2::DHCPOptions'));
      expect(made).toHaveLength(
        environment.network.type === 'new' && environment.directory.type === 'new' ? 1 : 0,
      );
    }
  });

  const { templates, environment } = estate(/^a network and a directory that are there$/);
  const [first = { Resources: {} }, ...others] = templates;
  const withResource = (Type: string, Properties = {}): SynthesizedTemplate[] => [
    { ...first, Resources: { ...first.Resources, Added: { Type, Properties } } },
    ...others,
  ];

  test.each([
    'AWS::EC2::DHCPOptions',
    'AWS::EC2::VPCDHCPOptionsAssociation',
    'AWS::EC2::VPC',
    'AWS::EC2::VPCCidrBlock',
    'AWS::EC2::VPCGatewayAttachment',
    'AWS::EC2::VPCPeeringConnection',
    'AWS::EC2::Subnet',
    'AWS::EC2::SubnetRouteTableAssociation',
    'AWS::EC2::RouteTable',
    'AWS::EC2::Route',
    'AWS::EC2::NatGateway',
    'AWS::EC2::InternetGateway',
    'AWS::EC2::NetworkAclEntry',
    'AWS::EC2::FlowLog',
    'AWS::Route53Resolver::FirewallRuleGroupAssociation',
    'AWS::Route53Resolver::ResolverEndpoint',
    'AWS::Route53Resolver::ResolverRuleAssociation',
    'AWS::Route53Resolver::ResolverConfig',
    'Custom::VpcRestrictDefaultSG',
  ])('%s is told', (type) => {
    expect(changesOfForeignNetwork(withResource(type), allowedIn(environment))).toHaveLength(1);
  });

  test('an unrequested endpoint, one that refuses calls, and a rule in an existing group are found', () => {
    const allowed = { endpoints: ['logs'], resolver: false };
    const endpoint = (ServiceName: string, more = {}) =>
      changesOfForeignNetwork(withResource('AWS::EC2::VPCEndpoint', { ServiceName, ...more }), allowed);
    expect(endpoint('com.amazonaws.eu-central-1.logs')).toEqual([]);
    expect(endpoint('com.amazonaws.eu-central-1.sqs')).toHaveLength(1);
    expect(endpoint('com.amazonaws.eu-central-1.logs', { PolicyDocument: {} })).toHaveLength(1);
    expect(
      changesOfForeignNetwork(
        withResource('AWS::EC2::SecurityGroupIngress', { GroupId: 'sg-0123456789abcdef0' }),
        allowed,
      ),
    ).toHaveLength(1);
  });
});

describe('Resources in an existing network', () => {
  const shared = estate(/shared with this account/);

  test('are put into the configured subnets, resolved at deployment', () => {
    const published = Object.fromEntries(
      all(shared.part('network'), 'AWS::SSM::Parameter').map(({ Name, Value }) => [
        Name.split('/').pop(),
        Value,
      ]),
    );
    const parameters = shared.part('network').Parameters ?? {};
    const named = (value: unknown) =>
      JSON.stringify(value).replace(/\{"Ref":"(\w+)"\}/g, (_, id) => parameters[id]?.Default ?? id);
    expect(named(published['vpc-id'])).toContain('/network/vpc-id');
    expect(named(published['private-subnet-ids'])).toMatch(/c\/tasks.*a\/tasks.*b\/tasks/);
    expect(named(published['isolated-subnet-ids'])).toMatch(/c\/database.*a\/database/);
    expect(named(published['isolated-subnet-ids'])).not.toContain('tasks');
    expect(only(shared.part('database'), 'AWS::RDS::DBSubnetGroup').SubnetIds).toHaveLength(2);
    expect(
      only(shared.part('service'), 'AWS::ECS::Service').NetworkConfiguration.AwsvpcConfiguration.Subnets,
    ).toHaveLength(3);
  });

  test('are also in the additional groups of the configuration', () => {
    const service = only(shared.part('service'), 'AWS::ECS::Service');
    const [own, ...extra] = service.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups;
    expect(own).toHaveProperty('Fn::GetAtt');
    expect(extra).toEqual(['sg-0123456789abcdef0', { Ref: expect.stringMatching(/networktasks/) }]);
    const [balancer] = all(shared.part('service'), 'AWS::ElasticLoadBalancingV2::LoadBalancer');
    expect(balancer.SecurityGroups).toEqual([expect.anything(), 'sg-0123456789abcdef1']);
    for (const template of [shared.part('domain'), shared.part('database-contents')]) {
      for (const { VpcConfig } of all(template, 'AWS::Lambda::Function').filter(
        ({ VpcConfig }) => VpcConfig,
      )) {
        expect(VpcConfig.SecurityGroupIds).toEqual([expect.anything(), 'sg-0123456789abcdef0']);
      }
    }
    const { VpcConfig } = only(shared.part('service'), 'AWS::CodeBuild::Project');
    expect(VpcConfig.SecurityGroupIds).toEqual([expect.anything(), 'sg-0123456789abcdef0']);
  });

  /** Where the tasks may connect to: ports by range, prefix list or group. */
  const waysOfTasks = ({ part }: ReturnType<typeof estate>) => {
    const template = part('service');
    const [id = ''] =
      resources(template, 'AWS::EC2::SecurityGroup').find(([, { Properties }]) =>
        Properties.GroupDescription.startsWith('Tasks'),
      ) ?? [];
    const inline = list(template.Resources[id]?.Properties.SecurityGroupEgress ?? []);
    const apart = all(template, 'AWS::EC2::SecurityGroupEgress').filter(
      ({ GroupId }) => GroupId['Fn::GetAtt']?.[0] === id,
    );
    return [...inline, ...apart].map(
      ({ CidrIp, DestinationPrefixListId, IpProtocol, FromPort }) =>
        `${IpProtocol} ${FromPort} ${typeof DestinationPrefixListId === 'string' ? DestinationPrefixListId : (CidrIp ?? '(by reference)')}`,
    );
  };

  test('connect to domain controllers and AWS at the configured addresses, and use the DNS resolver of AWS', () => {
    const ways = waysOfTasks(shared);
    expect(ways).toEqual(
      expect.arrayContaining([
        ...['10.21.0.0/16', 'pl-0123456789abcdef1', '10.30.0.0/16'].flatMap((there) => [
          `udp 88 ${there}`,
          `tcp 88 ${there}`,
        ]),
        'tcp 443 pl-0123456789abcdef0',
        'tcp 443 10.99.0.0/24',
      ]),
    );
    expect(ways.filter((way) => way.includes(' 53 '))).toEqual([]);
    expect(ways.filter((way) => way.includes('0.0.0.0/0'))).toEqual([]);
  });

  test('use the DNS servers of the network, if there are any', () => {
    const ways = waysOfTasks(estate(/whose own servers/));
    expect(ways.filter((way) => way.includes(' 53 '))).toEqual(
      ['10.20.0.53/32', '10.99.0.53/32'].flatMap((server) => [`udp 53 ${server}`, `tcp 53 ${server}`]),
    );
    // The address of the new directory within the network is unknown.
    expect(ways).toContain('tcp 88 10.20.0.0/16');
    expect(ways).toContain('tcp 443 0.0.0.0/0');
  });
});

describe('The VPC resolver', () => {
  test('gets an endpoint and a rule for each domain that requires one', () => {
    const template = estate(/resolver made in it/).part('domain');
    expect(only(template, 'AWS::Route53Resolver::ResolverEndpoint')).toMatchObject({
      Direction: 'OUTBOUND',
      IpAddresses: [{}, {}],
    });
    expect(
      all(template, 'AWS::Route53Resolver::ResolverRule').map(({ DomainName, RuleType }) => [
        DomainName,
        RuleType,
      ]),
    ).toEqual([
      ['corp.example.com', 'FORWARD'],
      ['partner.example.com', 'FORWARD'],
    ]);
    expect(resources(template, 'AWS::Route53Resolver::ResolverRuleAssociation')).toHaveLength(2);
    const [group] = all(template, 'AWS::EC2::SecurityGroup').filter(({ GroupDescription }) =>
      GroupDescription.startsWith('Resolver'),
    );
    // TCP and UDP, to three servers.
    expect(group.SecurityGroupEgress).toHaveLength(6);
  });

  test('is only associated with existing rules', () => {
    const template = estate(/shared with this account/).part('domain');
    expect(resources(template, 'AWS::Route53Resolver::ResolverEndpoint')).toEqual([]);
    expect(all(template, 'AWS::Route53Resolver::ResolverRuleAssociation')).toMatchObject([
      { ResolverRuleId: 'rslvr-rr-0123456789abcdef0' },
      { ResolverRuleId: 'rslvr-rr-0123456789abcdef0' },
    ]);
  });

  test('forwards to a directory that is created in an existing network', () => {
    const template = estate(/a new directory in it/).part('domain');
    expect(only(template, 'AWS::Route53Resolver::ResolverRule').TargetIps).toHaveLength(2);
  });
});

describe('An existing directory', () => {
  const { part } = estate(/^a network and a directory that are there$/);

  test('is not created, and its settings are not changed', () => {
    expect(resources(part('directory'), 'AWS::DirectoryService::MicrosoftAD')).toEqual([]);
    expect(resources(part('domain'), 'Custom::DirectorySettings')).toEqual([]);
  });

  test('gets our user, whose password is rotated, and a SQL Server', () => {
    expect(resources(part('domain'), 'Custom::DirectoryUser')).toHaveLength(1);
    expect(resources(part('domain'), 'AWS::SecretsManager::RotationSchedule')).toHaveLength(1);
    const directory = all(part('directory'), 'AWS::SSM::Parameter').map(({ Name, Value }) => [Name, Value]);
    expect(directory).toContainEqual(['/windows-auth/staging/directory/directory-id', 'd-0123456789']);
    expect(directory).toContainEqual([
      '/windows-auth/staging/directory/dns-addresses',
      '10.20.1.10,10.20.2.10',
    ]);
  });
});

describe('A new SQL Server in an existing directory', () => {
  const selfManaged = estate(/which an instance of ours joins/);
  const shared = estate(/^a directory of another account/);
  const managed = estate(/^a network and a directory that are there$/);

  test('joins a self-managed one with its own account, without an AWS role', () => {
    const instance = only(selfManaged.part('database'), 'AWS::RDS::DBInstance');
    expect(instance).toMatchObject({
      DomainFqdn: 'corp.example.com',
      DomainOu: 'OU=SQL,OU=Servers,DC=corp,DC=example,DC=com',
      DomainAuthSecretArn: expect.stringContaining(':secret:corp/join-'),
      // RDS requires exactly two addresses, so the only one is given twice.
      DomainDnsIps: ['10.20.1.10', '10.20.1.10'],
    });
    expect(instance).not.toHaveProperty('Domain');
    expect(instance).not.toHaveProperty('DomainIAMRoleName');
    expect(JSON.stringify(selfManaged.part('database'))).not.toContain('ds:AuthorizeApplication');
  });

  test.each([shared, managed])('joins the one of $name by its id, with a role for it', ({ part }) => {
    const instance = only(part('database'), 'AWS::RDS::DBInstance');
    expect(instance).toHaveProperty('DomainIAMRoleName');
    expect(instance.Domain).toEqual({ Ref: expect.stringMatching(/directorydirectoryid/) });
    expect(instance).not.toHaveProperty('DomainFqdn');
  });

  test("has the name that RDS assigns in a self-managed one, and TLS for its endpoint's name", () => {
    const published = Object.fromEntries(
      all(selfManaged.part('database'), 'AWS::SSM::Parameter').map(({ Name, Value }) => [
        Name.split('/').pop(),
        Value,
      ]),
    );
    const endpoint = 'music-db.abcdefghijkl.eu-central-1.rds.amazonaws.com';
    /** As CloudFormation evaluates it with that endpoint. */
    const evaluated = (value: unknown): unknown => {
      if (value === null || typeof value !== 'object') return value;
      if (Array.isArray(value)) return value.map(evaluated);
      const [[name = '', of] = []] = Object.entries(value);
      if (name === 'Fn::GetAtt') return endpoint;
      const [first, second] = evaluated(of) as [never, never];
      if (name === 'Fn::Join') return (second as string[]).join(first);
      if (name === 'Fn::Split') return (second as string).split(first);
      if (name === 'Fn::Select') return (second as string[])[Number(first)];
      throw new Error(`There is no ${name} here.`);
    };
    const host = 'music-db.abcdefghijkl.eu-central-1.awsrds.corp.example.com';
    expect(evaluated(published.host)).toBe(host);
    expect(evaluated(published['service-principal'])).toBe(`MSSQLSvc/${host}:1433`);
    expect(evaluated(published['tls-name'])).toBe(endpoint);
  });

  test.each([selfManaged, shared, managed])(
    'delays the deployment until it has joined: $name',
    ({ part }) => {
      const template = part('database-contents');
      const [[id = '', membership] = []] = resources(template, 'Custom::DomainMembership');
      expect(membership?.Properties).toMatchObject({ Instance: 'music-db', DomainName: 'corp.example.com' });
      expect(resources(template, 'Custom::SqlDatabase')[0]?.[1].DependsOn).toContain(id);
    },
  );

  test('does not delay it in a directory that is created with it', () => {
    const template = estate(/a new directory in it/).part('database-contents');
    expect(resources(template, 'Custom::DomainMembership')).toEqual([]);
  });

  test('no user is created if someone else creates it', () => {
    for (const { part } of [selfManaged, shared]) {
      expect(resources(part('domain'), 'Custom::DirectoryUser')).toEqual([]);
      expect(JSON.stringify(part('domain'))).not.toMatch(/ds-data:|ds:/);
    }
  });
});
