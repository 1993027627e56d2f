import { afterEach, describe, expect, test } from 'vitest';
import type { Limits } from '../../lib/aws/patience.ts';
import { sqlServerEngines, sqlServerVersion } from '../../lib/config/database-version.ts';
import type { Deployment } from '../../lib/config/index.ts';
import {
  endpointServices,
  managementServices,
} from '../../lib/operator/bootstrap/preflight/network-checks.ts';
import { preflight } from '../../lib/operator/bootstrap/preflight/preflight.ts';
import { exampleDeployment, fullDeployment, synthesize } from '../infrastructure/synthesize.ts';
import { all } from '../infrastructure/template.ts';
import { type Answers, type FakeAccount, startAccount } from './fakes/account.ts';

const region = 'eu-central-1';
const place = { account: '222222222222', region };
const limits: Limits = { connect: 10, answer: 10, call: 60, word: 60, attempts: 2 };
const full = fullDeployment();

let account: FakeAccount | undefined;
const environment = { ...process.env };
afterEach(async () => {
  process.env = { ...environment };
  await account?.stop();
});

const zone = (name: string, state = 'available') =>
  `<item><zoneName>${name}</zoneName><zoneState>${state}</zoneState><regionName>${region}</regionName></item>`;
const service = (name: string, zones: readonly string[]) =>
  `<item><serviceName>com.amazonaws.${region}.${name}</serviceName><availabilityZoneSet>${zones.map((one) => `<item>${one}</item>`).join('')}</availabilityZoneSet></item>`;
const option = (zones: readonly string[], { kerberos = true, multiAz = true, storage = 'gp3' } = {}) =>
  `<OrderableDBInstanceOption><StorageType>${storage}</StorageType><MultiAZCapable>${multiAz}</MultiAZCapable><SupportsKerberosAuthentication>${kerberos}</SupportsKerberosAuthentication><AvailabilityZones>${zones.map((one) => `<AvailabilityZone><Name>${one}</Name></AvailabilityZone>`).join('')}</AvailabilityZones></OrderableDBInstanceOption>`;
const options = (...found: string[]) =>
  `<OrderableDBInstanceOptions>${found.join('')}</OrderableDBInstanceOptions>`;
const zones = ['a', 'b', 'c'].map((letter) => region + letter);
const services = [...endpointServices, ...managementServices];

/** An account in which nothing stands in the way. */
const good: Answers = {
  DescribeStacks: { status: 400, code: 'ValidationError', message: 'Stack with id x does not exist' },
  DescribeAvailabilityZones: `<availabilityZoneInfo>${zones.map((name) => zone(name)).join('')}</availabilityZoneInfo>`,
  DescribeVpcEndpointServices: `<serviceDetailSet>${services.map((name) => service(name, zones)).join('')}</serviceDetailSet>`,
  DescribeOrderableDBInstanceOptions: options(option(zones), option(zones, { storage: 'gp2' })),
  DescribeDBInstances: { status: 404, code: 'DBInstanceNotFound', message: 'DBInstance not found' },
  DescribeVpcs: '<vpcSet><item><vpcId>vpc-1</vpcId></item></vpcSet>',
  DescribeAddresses: '<addressesSet/>',
  GetServiceQuota: '{"Quota":{"Value":100}}',
  DescribeResourcePolicies: '{"resourcePolicies":[{"policyName":"one"}]}',
  DescribeCertificate: `{"Certificate":{"Status":"ISSUED","DomainName":"*.example.com","NotAfter":${Date.now() / 1000 + 8_640_000}}}`,
  GetHostedZone:
    '<HostedZone><Id>/hostedzone/Z1</Id><Name>example.com.</Name><Config><PrivateZone>false</PrivateZone></Config></HostedZone>',
  ...Object.fromEntries(
    [
      'AWSServiceRoleForECS',
      'AWSServiceRoleForElasticLoadBalancing',
      'AWSServiceRoleForRDS',
      'AWSServiceRoleForApplicationAutoScaling_ECSService',
    ].map((role) => [
      `GetRole ${role}`,
      `<Role><RoleName>${role}</RoleName><RoleId>1</RoleId><Arn>1</Arn><Path>/</Path><CreateDate>2026-01-01T00:00:00Z</CreateDate></Role>`,
    ]),
  ),
};

/** What is said about an account that answers so. */
async function said(answers: Answers, deployment: Deployment = full, patience = limits) {
  account = await startAccount({ ...good, ...answers });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: account.url,
    AWS_ACCESS_KEY_ID: 'none',
    AWS_SECRET_ACCESS_KEY: 'none',
  });
  const [result] = await preflight(deployment, place, { region, limits: patience, say: () => undefined });
  const lines = result?.findings.map(({ check, message, remedy }) => `${check}: ${message} ${remedy}`) ?? [];
  return { when: result?.when, lines };
}

test('an account in which nothing stands in the way, before and after the first deployment', async () => {
  expect(await said({})).toEqual({ when: 'before the first deployment', lines: [] });
  expect(account?.asked.filter((operation) => !/^(Describe|Get)/.test(operation))).toEqual([]);
  await account?.stop();
  const stack = `<Stacks><member><StackName>windows-auth-staging-network</StackName><StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2026-01-01T00:00:00Z</CreationTime></member></Stacks>`;
  // What is in use then is in use by ourselves.
  const taken = { GetServiceQuota: '{"Quota":{"Value":1}}', DescribeStacks: stack };
  const { when, lines } = await said(taken);
  expect(when).toBe('after the first deployment');
  expect(lines.filter((line) => !line.startsWith('quota of Fargate'))).toEqual([]);
});

describe('What no template can know is told, with what to do', () => {
  const fault = (status: number, code: string, message = 'no') => ({ status, code, message });
  test.each<[string, Answers, RegExp]>([
    [
      'a zone that the account has not',
      {
        DescribeAvailabilityZones: `<availabilityZoneInfo>${zone(`${region}a`)}${zone(`${region}d`)}</availabilityZoneInfo>`,
      },
      /^zones: This account has no zone eu-central-1b that is open\. Name others in network\.zones: a, d\./,
    ],
    [
      'a zone that is closed',
      {
        DescribeAvailabilityZones: `<availabilityZoneInfo>${zone(`${region}a`, 'impaired')}${zone(`${region}b`)}</availabilityZoneInfo>`,
      },
      /^zones: This account has no zone eu-central-1a/,
    ],
    [
      'an endpoint that lacks a zone',
      {
        DescribeVpcEndpointServices: `<serviceDetailSet>${services.map((name) => service(name, name === 'ds' ? [`${region}c`] : zones)).join('')}</serviceDetailSet>`,
      },
      /^endpoints: The endpoint com\.amazonaws\.eu-central-1\.ds is not offered in eu-central-1a and eu-central-1b/,
    ],
    [
      'an endpoint that the region lacks',
      {
        DescribeVpcEndpointServices: `<serviceDetailSet>${services
          .slice(1)
          .map((name) => service(name, zones))
          .join('')}</serviceDetailSet>`,
      },
      /^endpoints: The region eu-central-1 has no endpoint com\.amazonaws\.eu-central-1\.ecr\.api\./,
    ],
    [
      'a class that RDS does not sell',
      { DescribeOrderableDBInstanceOptions: options() },
      /^database: RDS does not sell db\./,
    ],
    [
      'a class that one zone lacks',
      { DescribeOrderableDBInstanceOptions: options(option([`${region}a`])) },
      /^database: RDS does not sell .* in eu-central-1b/,
    ],
    [
      'no Kerberos',
      { DescribeOrderableDBInstanceOptions: options(option(zones, { kerberos: false })) },
      /^database: RDS offers no Kerberos authentication/,
    ],
    [
      'a database of others under the name',
      {
        DescribeDBInstances:
          '<DBInstances><DBInstance><DBInstanceIdentifier>music-db</DBInstanceIdentifier></DBInstance></DBInstances>',
      },
      /^database identifier: The database [a-z-]+ is there already, and was not made by this deployment\./,
    ],
    [
      'no room for a VPC',
      { GetServiceQuota: '{"Quota":{"Value":1}}' },
      /^quota of VPCs: .* is 1; 1 are in use, and 1 more/,
    ],
    [
      'no room for tasks',
      {
        GetServiceQuota: fault(400, 'NoSuchResourceException'),
        GetAWSDefaultServiceQuota: '{"Quota":{"Value":2}}',
      },
      /^quota of Fargate: The account's quota of vCPUs of Fargate is 2; \d+(\.\d+)? more may be needed\./,
    ],
    [
      'no room for a resource policy',
      { DescribeResourcePolicies: JSON.stringify({ resourcePolicies: Array(10).fill({ policyName: 'x' }) }) },
      /^log resource policies: CloudWatch Logs has 10 resource policies/,
    ],
    [
      'a role that is not there yet',
      { 'GetRole AWSServiceRoleForECS': fault(404, 'NoSuchEntity') },
      /^service-linked roles: .* aws iam create-service-linked-role --aws-service-name ecs\.amazonaws\.com$/,
    ],
    [
      'a zone of another name, and private',
      {
        GetHostedZone:
          '<HostedZone><Name>example.org.</Name><Config><PrivateZone>true</PrivateZone></Config></HostedZone>',
      },
      /^hosted zone: The hosted zone \w+ is example\.org, not example\.com/,
    ],
    [
      'no right',
      {
        DescribeAvailabilityZones: fault(
          403,
          'UnauthorizedOperation',
          'You are not authorized to perform this operation.',
        ),
      },
      /^zones: This could not be looked at\. These credentials do not have the right/,
    ],
    [
      'throttling',
      { GetServiceQuota: fault(429, 'TooManyRequestsException') },
      /^quota of VPCs: This could not be looked at\. AWS is throttling/,
    ],
    [
      'a fault of AWS',
      { DescribeOrderableDBInstanceOptions: fault(503, 'ServiceUnavailable') },
      /^database: This could not be looked at\. RDS in eu-central-1 has a fault now/,
    ],
  ])('%s', async (_, answers, sentence) => {
    const { lines } = await said(answers);
    expect(lines).toContainEqual(expect.stringMatching(sentence));
    // No other check is held up or led astray by it.
    expect(new Set(lines.map((line) => line.split(':')[0])).size).toBeLessThanOrEqual(3);
  });

  test('a service that is silent is told, and the others nevertheless', async () => {
    const hasty = { ...limits, answer: 0.5, attempts: 1 };
    const { lines } = await said(
      { DescribeVpcEndpointServices: 'silence', DescribeOrderableDBInstanceOptions: options() },
      full,
      hasty,
    );
    expect(lines).toContainEqual(
      expect.stringMatching(/^endpoints: .*has not answered DescribeVpcEndpointServices/),
    );
    expect(lines).toContainEqual(expect.stringMatching(/^database: RDS does not sell/));
  });

  test.each([
    [
      'another name',
      '{"Certificate":{"Status":"ISSUED","DomainName":"other.example.com"}}',
      /is for other\.example\.com, not for/,
    ],
    [
      'not issued',
      '{"Certificate":{"Status":"PENDING_VALIDATION","DomainName":"*.example.com"}}',
      /is PENDING_VALIDATION, not ISSUED/,
    ],
    [
      'nearly over',
      `{"Certificate":{"Status":"ISSUED","DomainName":"*.example.com","NotAfter":${Date.now() / 1000 + 432_010}}}`,
      /ends in 5 days/,
    ],
  ])('a certificate: %s', async (_, DescribeCertificate, sentence) => {
    const deployment = exampleDeployment((input) => {
      Object.assign(input.environments[0] ?? {}, {
        loadBalancer: {
          scheme: 'internal',
          allowedClients: ['10.0.0.0/8'],
          hostName: 'music.example.com',
          certificateArn: `arn:aws:acm:${region}:222222222222:certificate/one`,
        },
      });
    });
    const { lines } = await said({ DescribeCertificate }, deployment);
    expect(lines).toEqual([expect.stringMatching(sentence)]);
  });
});

test('what is asked for is what the templates have', () => {
  const { templates } = synthesize(full);
  const network = templates.get('windows-auth-staging-network');
  const names = all(network as never, 'AWS::EC2::VPCEndpoint')
    .filter(({ VpcEndpointType }) => VpcEndpointType === 'Interface')
    .map(({ ServiceName }) => String(ServiceName).replace(`com.amazonaws.${region}.`, ''));
  expect(names.sort()).toEqual([...endpointServices, ...managementServices].sort());
  const database = all(templates.get('windows-auth-staging-database') as never, 'AWS::RDS::DBInstance')[0];
  expect(database).toMatchObject({
    Engine: sqlServerEngines[full.environments[0]?.database.edition ?? 'express'],
    EngineVersion: sqlServerVersion,
    StorageType: 'gp3',
  });
}, 60_000);
