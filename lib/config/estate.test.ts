import { describe, expect, test } from 'vitest';
import {
  facing,
  inNetwork,
  managed,
  network,
  partner,
  publicZones,
  rule,
  said,
  shared,
  subnet,
  table,
  type Values,
  withDirectory,
  zones,
} from '../../test/infrastructure/estate-values.ts';
import { exampleInput } from '../../test/infrastructure/example-deployment.ts';
import { loadDeployment } from './index.ts';

describe('One sentence reports what does not fit an existing estate', () => {
  test.each<[RegExp, Values]>([
    // Invalid values.
    [/network\.type is "found"/, inNetwork({ type: 'found' })],
    [/network\.vpcId is "vpc-1"/, inNetwork({ vpcId: 'vpc-1' })],
    ...[7, 9, 12, 16, 18].flatMap((digits): [RegExp, Values][] => {
      const number = '0123456789abcdef01'.slice(0, digits);
      const [vpcId, tasks, pl] = ['vpc', 'subnet', 'pl'].map((kind) => `${kind}-${number}`);
      return [
        [/network\.vpcId is/, inNetwork({ vpcId })],
        [/network\.zones\.a\.tasks is/, inNetwork({ zones: { ...zones, a: { ...zones.a, tasks } } })],
        [/network\.awsAddresses\[0\] is/, inNetwork({ awsAddresses: [pl] })],
      ];
    }),
    ...['ssm:network/vpc', 'ssm:/aws/service/vpc', 'ssm:/a//b', 'ssm:/', '/network/vpc', 'ssm:/a b'].map(
      (vpcId): [RegExp, Values] => [/network\.vpcId is/, inNetwork({ vpcId })],
    ),
    [/network\.cidrs\[0\] is "10\.20\.3\.1\/16"/, inNetwork({ cidrs: ['10.20.3.1/16'] })],
    ...['0.0.0.0/0', '10.0.0.0/8', '10.20.0.0/15', '10.20.0.0/29'].map((range): [RegExp, Values] => [
      /network\.cidrs\[0\] is .*of size \/16 to \/28/,
      inNetwork({ cidrs: [range] }),
    ]),
    [
      /network\.cidrs is .*none lies in another one/,
      inNetwork({ cidrs: ['10.20.0.0/16', '10.20.128.0/20'] }),
    ],
    [/network\.cidrs is \[\]/, inNetwork({ cidrs: [] })],
    [/network\.cidrs is .*each given once/, inNetwork({ cidrs: ['10.20.0.0/16', '10.20.0.0/16'] })],
    [/network has the unknown key "cidr"/, inNetwork({ cidr: '10.20.0.0/16' })],
    [/network has the unknown key "natGateways"/, inNetwork({ natGateways: 1 })],
    [/network has the unknown key "vpcId"/, { network: { vpcId: network.vpcId } }],
    [/network\.zones is .*2 or 3 zone letters/, inNetwork({ zones: { a: zones.a } })],
    [/network\.zones.*zone letters: "a" to "f"/, inNetwork({ zones: { ...zones, x: zones.a } })],
    [/network\.zones is \["a","b"\]/, inNetwork({ zones: ['a', 'b'] })],
    [
      /network\.zones\.a\.tasks is missing/,
      inNetwork({ zones: { ...zones, a: { database: subnet('fa1') } } }),
    ],
    [/network\.zones\.b\.tasks is "vpc-/, inNetwork({ zones: { ...zones, b: { tasks: network.vpcId } } })],
    [
      /network\.zones\.b has the unknown key "private"/,
      inNetwork({ zones: { ...zones, b: { ...zones.b, private: 'x' } } }),
    ],
    [/network\.dns is "google"/, inNetwork({ dns: 'google' })],
    [/network\.dns\.servers\[0\] is "127/, inNetwork({ dns: { servers: ['127.0.0.1'] } })],
    [/network\.endpoints is "some"/, inNetwork({ endpoints: 'some' })],
    [/network\.endpoints\[1\] is "sqs"/, inNetwork({ endpoints: ['logs', 'sqs'] })],
    [/network\.endpoints is .*each given once/, inNetwork({ endpoints: ['logs', 'logs'] })],
    [/network\.awsAddresses\[0\] is "pl-x"/, inNetwork({ awsAddresses: ['pl-x'] })],
    [/network\.natAddresses\[0\] is "198\.51\.100\.7\/32"/, inNetwork({ natAddresses: ['198.51.100.7/32'] })],
    [
      /network\.extraSecurityGroups\.tasks\[0\] is "web"/,
      inNetwork({ extraSecurityGroups: { tasks: ['web'] } }),
    ],
    [/directory\.type is "azure"/, withDirectory({ type: 'azure' })],
    [/directory\.directoryId is "d-1"/, withDirectory({ ...managed, directoryId: 'd-1' })],
    [/directory\.dnsAddresses is missing/, withDirectory({ ...managed, dnsAddresses: undefined })],
    [/directory\.dnsAddresses is \["10/, withDirectory({ ...managed, dnsAddresses: ['10.20.1.10'] })],
    [
      /directory\.dnsAddresses\[1\] is "fd00::1"/,
      withDirectory({ ...managed, dnsAddresses: ['10.20.1.10', 'fd00::1'] }),
    ],
    [/directory has the unknown key "edition"/, withDirectory({ ...managed, edition: 'Standard' })],
    [/directory has the unknown key "join"/, withDirectory({ ...managed, join: { ou: 'OU=SQL,DC=a,DC=b' } })],
    [/directory\.resolver\.ruleId is "rule"/, withDirectory({ ...managed, resolver: { ruleId: 'rule' } })],
    [/directory\.resolver is "inbound"/, withDirectory({ ...managed, resolver: 'inbound' })],
    [
      /directory\.controllers\[0\] is "dc1/,
      withDirectory({ ...managed, controllers: ['dc1.corp.example.com'] }),
    ],
    [/directory\.kdcs\[0\] is "dc1"/, withDirectory({ ...managed, kdcs: ['dc1'] })],
    [/trusted\[0\]\.name is "partner"/, inNetwork({}, { trusted: [{ ...partner, name: 'partner' }] })],
    [/domain\.name is "corp"/, { domain: { name: 'corp' } }],
    [/domain\.netbiosName is missing/, { domain: { name: 'service.example.com' } }],
    // Contradictions.
    [/directory\.resolver is "none": it must be "create", or network\.dns given servers/, { network }],
    [
      /directory\.resolver is "create": it must be "none" in a network of our own/,
      { directory: { resolver: 'create' } },
    ],
    [/directory\.resolver is "none": it must be "create" or a rule/, { directory: managed }],
    [
      /directory\.resolver is "create": it must be "none" with network\.dns\.servers/,
      {
        network: { ...network, dns: { servers: ['10.20.0.53'] } },
        directory: { ...managed, resolver: 'create' },
      },
    ],
    [
      /directory\.resolver is "create": it must be "none" or a rule .* account 444444444444/,
      { network: shared, directory: { ...managed, resolver: 'create' } },
    ],
    [
      /network\.cidr is "10\.20\.0\.0\/16": it must be a range without the address 10\.20\.1\.10/,
      {
        network: { cidr: '10.20.0.0/16' },
        directory: { ...managed, resolver: 'create' },
      },
    ],
    [
      /network\.endpoints is "all": it must be "none" in a VPC of the account 444444444444/,
      { network: { ...shared, endpoints: 'all' }, directory: managed },
    ],
    [
      /network\.endpoints is "all": it must be without "s3" unless each zone has a routeTable/,
      inNetwork({ endpoints: 'all' }),
    ],
    [
      /network\.endpoints is \["s3"\]: it must be without "s3"/,
      inNetwork({ endpoints: ['s3'], zones: { ...zones, a: { ...zones.a, routeTable: table } } }),
    ],
    [/network\.zones is .*in each zone, or in none/, inNetwork({ zones: { ...zones, a: publicZones.a } })],
    [
      /network\.zones is .*at least two zones, as RDS requires/,
      inNetwork({ zones: { ...zones, a: { tasks: subnet('fa0') } } }),
    ],
    [
      /network\.zones is .*both a and b have it/,
      inNetwork({ zones: { ...zones, b: { ...zones.b, tasks: subnet('fa0') } } }),
    ],
    [
      /network\.zones is .*a public subnet for the internet-facing load balancer/,
      inNetwork({ natAddresses: ['198.51.100.7'] }, { loadBalancer: facing }),
    ],
    [
      /network\.natAddresses is missing: it must be given/,
      inNetwork({ zones: publicZones }, { loadBalancer: facing }),
    ],
    [
      /network\.natAddresses is missing: it must be given/,
      inNetwork(
        { zones: publicZones },
        {
          loadBalancer: { ...facing, allowedClients: ['0.0.0.0/0'] },
          service: { deployment: 'blue-green' },
        },
      ),
    ],
    [
      /trusted\[1\]\.name is .*another one than those before/,
      inNetwork({}, { trusted: [partner, { ...partner, dnsAddresses: ['10.30.1.11'] }] }),
    ],
    [
      /trusted\[0\]\.name is .*the user's own domain/,
      inNetwork({}, { trusted: [{ ...partner, name: 'corp.example.com' }] }),
    ],
    [/trusted\[0\]\.controllers is missing/, inNetwork({}, { trusted: [{ name: partner.name }] })],
    [
      /trusted\[0\]\.dnsAddresses is missing: it must be given with resolver "create"/,
      inNetwork({}, { trusted: [{ name: partner.name, controllers: ['10.30.0.0/16'], resolver: 'create' }] }),
    ],
    [
      /trusted\[0\]\.resolver is "create": it must be "none" in a network of our own/,
      { trusted: [{ ...partner, resolver: 'create' }] },
    ],
    [
      /trusted\[0\]\.resolver is "none": it must be "create" or a rule/,
      { directory: { ...managed, resolver: rule }, network: { cidr: '10.0.0.0/16' }, trusted: [partner] },
    ],
    [
      /trusted\[0\]\.resolver is "create": it must be "none" or a rule .* account 444444444444/,
      { network: shared, directory: managed, trusted: [{ ...partner, resolver: 'create' }] },
    ],
    [
      /loadBalancer\.hostName is .*outside of the domain partner\.example\.com/,
      inNetwork(
        {},
        {
          trusted: [partner],
          loadBalancer: {
            allowedClients: ['10.0.0.0/8'],
            hostName: 'music.partner.example.com',
            hostedZone: { id: 'Z0123456789ABCDEFGHIJ', name: 'partner.example.com' },
          },
        },
      ),
    ],
  ])('%s', (sentence, values) => {
    expect(said(values)).toEqual([expect.stringMatching(sentence)]);
    expect(said(values)[0]).toMatch(/^deployment\.\S+ (is|has|is missing)\b.*: it must be .*\.$/);
  });
});

describe('An existing estate is accepted', () => {
  test.each<[string, Values]>([
    ['a network and a managed directory', inNetwork({})],
    ['a network, and a directory made in it', { network, directory: { resolver: 'create' } }],
    [
      'a network whose servers will know the new domain',
      { network: { ...network, dns: { servers: ['10.20.0.53'] } } },
    ],
    ['a new network, and a directory elsewhere by a rule', { directory: { ...managed, resolver: rule } }],
    [
      'a shared network and a rule that is shared',
      { network: shared, directory: { ...managed, resolver: rule } },
    ],
    ['a network of this account, said so', inNetwork({ ownerAccount: '222222222222', endpoints: ['logs'] })],
    [
      'ids in parameters',
      inNetwork({
        vpcId: 'ssm:/network/vpc-id',
        zones: { c: { tasks: 'ssm:/network/c/tasks', database: 'ssm:/network/c/database' }, a: zones.a },
      }),
    ],
    [
      'three zones, two of them for the database',
      inNetwork({ zones: { ...zones, c: { tasks: subnet('fc0') } } }),
    ],
    [
      'an internet-facing load balancer for everybody',
      inNetwork(
        { zones: publicZones },
        {
          loadBalancer: { scheme: 'internet-facing', allowedClients: ['0.0.0.0/0'] },
        },
      ),
    ],
    [
      'an internet-facing load balancer for some',
      inNetwork({ zones: publicZones, natAddresses: ['198.51.100.7'] }, { loadBalancer: facing }),
    ],
    [
      'several ranges and lists of them',
      inNetwork(
        { cidrs: ['10.20.0.0/16', '100.64.0.0/20'], awsAddresses: ['pl-0123456789abcdef0'] },
        {
          directory: {
            ...managed,
            controllers: ['pl-0123456789abcdef1', '10.20.1.0/24'],
            kdcs: ['dc1.corp.example.com', '10.20.2.10'],
          },
        },
      ),
    ],
    [
      'a domain that trusts, and its child by the same rule',
      inNetwork({}, { trusted: [partner, { name: 'a.partner.example.com', controllers: ['10.31.0.0/16'] }] }),
    ],
    [
      'a script anywhere',
      inNetwork({}, { database: { script: { url: 'https://example.com/a.sql', sha256: '0'.repeat(64) } } }),
    ],
  ])('%s', (_, values) => {
    expect(said(values)).toEqual([]);
  });

  test("each environment has its own domain, or else the deployment's", () => {
    const { environments, ...others } = exampleInput;
    const [first, second] = environments;
    const own = { name: 'staging.example.com', netbiosName: 'STAGING' };
    const load = (domain: unknown) =>
      loadDeployment({
        ...others,
        domain,
        environments: [{ ...first, domain: own }, domain ? second : { ...second, domain: own }],
      }).environments.map(({ domain }) => domain);
    expect(load(others.domain)).toEqual([own, { name: 'corp.example.com', netbiosName: 'CORP' }]);
    expect(load(undefined)).toEqual([own, own]);
  });
});
