import { afterEach } from 'vitest';
import type { Limits } from '../../lib/aws/patience.ts';
import type { Deployment } from '../../lib/config/index.ts';
import {
  endpointServices,
  managementServices,
} from '../../lib/operator/bootstrap/preflight/network-checks.ts';
import { preflight } from '../../lib/operator/bootstrap/preflight/preflight.ts';
import { keptEnvironment } from '../environment.ts';
import { fullDeployment } from '../infrastructure/synthesize.ts';
import { type Answers, type FakeAccount, startAccount } from './fakes/account.ts';

export const region = 'eu-central-1';
export const place = { account: '222222222222', region };
export const limits: Limits = { connect: 10, answer: 10, call: 60, word: 60, attempts: 2 };

export const zone = (name: string, state = 'available') =>
  `<item><zoneName>${name}</zoneName><zoneState>${state}</zoneState><regionName>${region}</regionName></item>`;
export const service = (name: string, zones: readonly string[]) =>
  `<item><serviceName>com.amazonaws.${region}.${name}</serviceName><availabilityZoneSet>${zones.map((one) => `<item>${one}</item>`).join('')}</availabilityZoneSet></item>`;
export const option = (zones: readonly string[], { kerberos = true, multiAz = true, storage = 'gp3' } = {}) =>
  `<OrderableDBInstanceOption><StorageType>${storage}</StorageType><MultiAZCapable>${multiAz}</MultiAZCapable><SupportsKerberosAuthentication>${kerberos}</SupportsKerberosAuthentication><AvailabilityZones>${zones.map((one) => `<AvailabilityZone><Name>${one}</Name></AvailabilityZone>`).join('')}</AvailabilityZones></OrderableDBInstanceOption>`;
export const options = (...found: string[]) =>
  `<OrderableDBInstanceOptions>${found.join('')}</OrderableDBInstanceOptions>`;
export const zones = ['a', 'b', 'c'].map((letter) => region + letter);
export const services = [...endpointServices, ...managementServices];

/** An account without obstacles to a deployment. */
export const good: Answers = {
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

/** Accounts that give the answers they are passed; each is stopped after its test. */
export function preflightAccounts() {
  let account: FakeAccount | undefined;
  const restore = keptEnvironment();
  afterEach(async () => {
    restore();
    await account?.stop();
  });

  return {
    /** The account that answered last. */
    lastAccount: () => account,
    /** What preflight reports about an account with these answers. */
    async said(
      answers: Answers,
      deployment: Deployment = fullDeployment(),
      patience = limits,
      where = place,
    ) {
      account = await startAccount({ ...good, ...answers });
      Object.assign(process.env, {
        AWS_ENDPOINT_URL: account.url,
        AWS_ACCESS_KEY_ID: 'none',
        AWS_SECRET_ACCESS_KEY: 'none',
      });
      const [result] = await preflight(deployment, where, {
        region: where.region,
        limits: patience,
        say: () => undefined,
      });
      const lines =
        result?.findings.map(({ check, message, remedy }) => `${check}: ${message} ${remedy}`) ?? [];
      return { when: result?.when, lines };
    },
  };
}
