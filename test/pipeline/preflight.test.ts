import { describe, expect, test } from 'vitest';
import { sqlServerEngines, sqlServerVersion } from '../../lib/config/database-version.ts';
import {
  endpointServices,
  managementServices,
} from '../../lib/operator/bootstrap/preflight/network-checks.ts';
import { buildsAtOnce } from '../../lib/operator/bootstrap/preflight/tools-checks.ts';
import { exampleDeployment, fullDeployment, synthesize } from '../infrastructure/synthesize.ts';
import { all, only, resources } from '../infrastructure/template.ts';
import type { Answers } from './fakes/account.ts';
import {
  limits,
  option,
  options,
  preflightAccounts,
  region,
  service,
  services,
  zone,
  zones,
} from './preflight-account.ts';
import { synthesizePipeline } from './synthesized-pipeline.ts';

const full = fullDeployment();
const { lastAccount, said } = preflightAccounts();

test('a good account has no findings, before and after the first deployment', async () => {
  expect(await said({})).toEqual({ when: 'before the first deployment', lines: [] });
  expect(lastAccount()?.asked.filter((operation) => !/^(Describe|Get)/.test(operation))).toEqual([]);
  await lastAccount()?.stop();
  const stack = `<Stacks><member><StackName>windows-auth-staging-network</StackName><StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2026-01-01T00:00:00Z</CreationTime></member></Stacks>`;
  // After the first deployment, the deployment itself uses up these quotas.
  const taken = { GetServiceQuota: '{"Quota":{"Value":1}}', DescribeStacks: stack };
  const { when, lines } = await said(taken);
  expect(when).toBe('after the first deployment');
  expect(lines.filter((line) => !line.startsWith('quota of Fargate'))).toEqual([]);
});

describe('An obstacle in the account is reported, with what to do:', () => {
  const fault = (status: number, code: string, message = 'no') => ({ status, code, message });
  test.each<[string, Answers, RegExp]>([
    [
      'a zone that the account does not have',
      {
        DescribeAvailabilityZones: `<availabilityZoneInfo>${zone(`${region}a`)}${zone(`${region}d`)}</availabilityZoneInfo>`,
      },
      /^zones: This account has no available zone eu-central-1b\. Name others in network\.zones: a, d\./,
    ],
    [
      'a zone that is impaired',
      {
        DescribeAvailabilityZones: `<availabilityZoneInfo>${zone(`${region}a`, 'impaired')}${zone(`${region}b`)}</availabilityZoneInfo>`,
      },
      /^zones: This account has no available zone eu-central-1a/,
    ],
    [
      'an endpoint that is missing in a zone',
      {
        DescribeVpcEndpointServices: `<serviceDetailSet>${services.map((name) => service(name, name === 'ds' ? [`${region}c`] : zones)).join('')}</serviceDetailSet>`,
      },
      /^endpoints: The endpoint com\.amazonaws\.eu-central-1\.ds is not offered in eu-central-1a and eu-central-1b/,
    ],
    [
      'an endpoint that is missing in the region',
      {
        DescribeVpcEndpointServices: `<serviceDetailSet>${services
          .slice(1)
          .map((name) => service(name, zones))
          .join('')}</serviceDetailSet>`,
      },
      /^endpoints: The region eu-central-1 has no endpoint com\.amazonaws\.eu-central-1\.ecr\.api\./,
    ],
    [
      'an instance class that RDS does not offer',
      { DescribeOrderableDBInstanceOptions: options() },
      /^database: RDS does not sell db\./,
    ],
    [
      'an instance class that is missing in one zone',
      { DescribeOrderableDBInstanceOptions: options(option([`${region}a`])) },
      /^database: RDS does not sell .* in eu-central-1b/,
    ],
    [
      'no Kerberos authentication for the instance class',
      { DescribeOrderableDBInstanceOptions: options(option(zones, { kerberos: false })) },
      /^database: RDS offers no Kerberos authentication/,
    ],
    [
      'another database with the same name',
      {
        DescribeDBInstances:
          '<DBInstances><DBInstance><DBInstanceIdentifier>music-db</DBInstanceIdentifier></DBInstance></DBInstances>',
      },
      /^database identifier: The database [a-z-]+ already exists, and was not created by this deployment\./,
    ],
    [
      'the VPC quota is used up',
      { GetServiceQuota: '{"Quota":{"Value":1}}' },
      /^quota of VPCs: .* is 1; 1 are in use, and 1 more/,
    ],
    [
      'the Fargate quota is too low',
      {
        GetServiceQuota: fault(400, 'NoSuchResourceException'),
        GetAWSDefaultServiceQuota: '{"Quota":{"Value":2}}',
      },
      /^quota of Fargate: The account's quota of vCPUs of Fargate is 2; 4\.5 more may be needed\./,
    ],
    [
      'no room for another log resource policy',
      { DescribeResourcePolicies: JSON.stringify({ resourcePolicies: Array(10).fill({ policyName: 'x' }) }) },
      /^log resource policies: CloudWatch Logs has 10 resource policies/,
    ],
    [
      'a missing service-linked role',
      { 'GetRole AWSServiceRoleForECS': fault(404, 'NoSuchEntity') },
      /^service-linked roles: .* aws iam create-service-linked-role --aws-service-name ecs\.amazonaws\.com$/,
    ],
    [
      'a hosted zone with another name, and private',
      {
        GetHostedZone:
          '<HostedZone><Name>example.org.</Name><Config><PrivateZone>true</PrivateZone></Config></HostedZone>',
      },
      /^hosted zone: The hosted zone \w+ is example\.org, not example\.com/,
    ],
    [
      'a missing permission',
      {
        DescribeAvailabilityZones: fault(
          403,
          'UnauthorizedOperation',
          'You are not authorized to perform this operation.',
        ),
      },
      /^zones: This could not be checked\. These credentials do not have the right/,
    ],
    [
      'throttling',
      { GetServiceQuota: fault(429, 'TooManyRequestsException') },
      /^quota of VPCs: This could not be checked\. AWS is throttling/,
    ],
    [
      'a fault of AWS',
      { DescribeOrderableDBInstanceOptions: fault(503, 'ServiceUnavailable') },
      /^database: This could not be checked\. RDS in eu-central-1 has a problem/,
    ],
  ])('%s', async (_, answers, sentence) => {
    const { lines } = await said(answers);
    expect(lines).toContainEqual(expect.stringMatching(sentence));
    // The other checks are not affected.
    expect(new Set(lines.map((line) => line.split(':')[0])).size).toBeLessThanOrEqual(3);
  });

  test('a service that does not answer is reported, and so are the findings about the others', async () => {
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
      /is for other\.example\.com, not for music\.example\.com\. Name a certificate that covers music\.example\.com\./,
    ],
    [
      'not issued',
      '{"Certificate":{"Status":"PENDING_VALIDATION","DomainName":"*.example.com"}}',
      /is PENDING_VALIDATION, not ISSUED/,
    ],
    [
      'about to expire',
      `{"Certificate":{"Status":"ISSUED","DomainName":"*.example.com","NotAfter":${Date.now() / 1000 + 5.5 * 86_400}}}`,
      /expires in 5 days/,
    ],
  ])('an unsuitable certificate is reported: %s', async (_, DescribeCertificate, sentence) => {
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

test('an environment is checked in its own region, not in the region of the profile', async () => {
  process.env.AWS_REGION = 'us-west-2';
  const elsewhere = 'ap-southeast-2';
  const deployment = exampleDeployment((input) => {
    Object.assign(input.environments[0] ?? {}, { region: elsewhere });
  });
  const { lines } = await said({}, deployment, limits, { account: '222222222222', region: elsewhere });
  // The fake account returns the zones of another region, so a finding shows which region was asked.
  expect(lines).toContainEqual(
    expect.stringMatching(/^zones: This account has no available zone ap-southeast-2a/),
  );
  const regions = lastAccount()?.signedFor.filter((signed) => !signed.endsWith('/iam')) ?? [];
  expect(new Set(regions.map((signed) => signed.split('/')[0]))).toEqual(new Set([elsewhere]));
});

describe('The tools account', () => {
  const tools = { account: '111111111111', region };
  const quotas = (values: Readonly<Record<string, number>>) =>
    JSON.stringify({
      Quotas: Object.entries(values).map(([kind, Value]) => ({
        QuotaName: `Concurrently running builds for ${kind} environment`,
        QuotaCode: `L-${kind}`,
        Value,
      })),
    });
  const enough = {
    GetConnection: '{"Connection":{"ConnectionStatus":"AVAILABLE"}}',
    ListServiceQuotas: quotas({ 'Linux/Small': 20, 'ARM/Small': 20, 'Linux/Medium': 20 }),
    GetRegistryScanningConfiguration: '{"scanningConfiguration":{"scanType":"BASIC","rules":[]}}',
  };
  const scans = (...rules: object[]) => ({
    GetRegistryScanningConfiguration: JSON.stringify({
      scanningConfiguration: { scanType: 'ENHANCED', rules },
    }),
  });
  const rule = (filter: string, scanFrequency = 'SCAN_ON_PUSH') => ({
    scanFrequency,
    repositoryFilters: [{ filter, filterType: 'WILDCARD' }],
  });
  test.each<[string, Answers, RegExp | undefined]>([
    ['has everything that the pipeline needs', {}, undefined],
    [
      'has a connection that was not completed',
      { GetConnection: '{"Connection":{"ConnectionStatus":"PENDING"}}' },
      /^connection: The connection .* is PENDING, not AVAILABLE.*choose "Update pending connection"/,
    ],
    [
      'does not have the connection',
      { GetConnection: { status: 400, code: 'ResourceNotFoundException', message: 'Connection not found' } },
      /^connection: This could not be checked\./,
    ],
    [
      'is new and may run one build at a time',
      { ListServiceQuotas: quotas({ 'Linux/Small': 1, 'Linux/Medium': 1 }) },
      /^builds at once: CodeBuild runs 1 of the builds called Linux\/Small at once in this account, and the pipeline starts \d: .* --quota-code L-Linux\/Small --desired-value \d$/,
    ],
    [
      'uses a region without builds of a kind',
      { ListServiceQuotas: quotas({ 'Linux/Small': 20 }) },
      /^builds at once: CodeBuild has no quota for builds called Linux\/Medium in eu-central-1, so .* another tools\.region\.$/,
    ],
    ['scans all images by a registry rule', scans(rule('*')), undefined],
    ['scans our images by a registry rule', scans(rule('windows-auth/*')), undefined],
    [
      'scans all images whose names contain part of ours',
      scans(rule('windows-auth/web'), rule('auth/')),
      undefined,
    ],
    [
      'scans only other images',
      scans(rule('shop/*')),
      /^image scanning: .* none names windows-auth\/web or .*Add a rule for windows-auth\/\*/,
    ],
    ['scans on demand only', scans(rule('*', 'MANUAL')), /^image scanning: /],
    [
      'does not let us read its quotas',
      { ListServiceQuotas: { status: 400, code: 'AccessDeniedException', message: 'no' } },
      /^builds at once: This could not be checked\. These credentials do not have the right/,
    ],
  ])('%s', async (_, answers, sentence) => {
    const { when, lines } = await said({ ...enough, ...answers }, exampleDeployment(), limits, tools);
    expect(when).toBe('before the first deployment');
    expect(lines).toEqual(sentence ? [expect.stringMatching(sentence)] : []);
  });

  describe('replicates images to other regions:', () => {
    const elsewhere = (replication: 'own' | 'existing') =>
      exampleDeployment((input) => {
        input.images = { replication };
        Object.assign(input.environments[1] ?? {}, { region: 'eu-west-1' });
      });
    const registry = (...rules: object[]) => ({
      DescribeRegistry: JSON.stringify({ replicationConfiguration: { rules } }),
    });
    const rule = (region: string, filter = 'windows-auth/') => ({
      destinations: [{ region, registryId: tools.account }],
      repositoryFilters: [{ filter, filterType: 'PREFIX_MATCH' }],
    });
    test.each<[string, 'own' | 'existing', Answers, RegExp | undefined]>([
      ['there are no other rules', 'own', registry(), undefined],
      [
        'rules of others exist',
        'own',
        registry(rule('us-east-1', 'shop/')),
        /can have only one.* Add a rule/,
      ],
      ['the existing rule covers our images', 'existing', registry(rule('eu-west-1')), undefined],
      [
        'the existing rule replicates to another region',
        'existing',
        registry(rule('us-east-1')),
        /does not copy .* to eu-west-1, and .* Add such/,
      ],
      ['there is no rule', 'existing', registry(), /does not copy/],
    ])('%s (%s)', async (_, replication, answers, sentence) => {
      const { lines } = await said({ ...enough, ...answers }, elsewhere(replication), limits, tools);
      const told = lines.filter((line) => line.startsWith('image replication: '));
      expect(told).toEqual(sentence ? [expect.stringMatching(sentence)] : []);
    });
  });

  test.each(['codeconnections', 'codestar-connections'])(
    'is asked for the connection at the service in its ARN: %s',
    async (service) => {
      const deployment = exampleDeployment((input) => {
        Object.assign(input.source, {
          connectionArn: `arn:aws:${service}:${region}:111111111111:connection/00000000-0000-0000-0000-000000000000`,
        });
      });
      await said(enough, deployment, limits, tools);
      expect(lastAccount()?.signedFor).toContain(`${region}/${service}`);
    },
  );

  test.each(['x86_64', 'arm64'] as const)(
    'must allow as many builds at a time as the pipeline starts (%s)',
    (architecture) => {
      const deployment = exampleDeployment((input) => {
        input.images = { architecture };
      });
      const { template } = synthesizePipeline(deployment);
      const kinds = new Map(
        resources(template, 'AWS::CodeBuild::Project').map(([id, { Properties }]) => [
          id,
          `${Properties.Environment.Type} ${Properties.Environment.ComputeType}`
            .replace(/^LINUX_CONTAINER/, 'Linux')
            .replace(/^ARM_CONTAINER/, 'ARM')
            .replace(
              / BUILD_GENERAL1_([A-Z])([A-Z]+)$/,
              (_, first, rest) => `/${first}${rest.toLowerCase()}`,
            ),
        ]),
      );
      const most: Record<string, number> = {};
      for (const { Actions } of only(template, 'AWS::CodePipeline::Pipeline').Stages) {
        const running: Record<string, number> = {};
        for (const { RunOrder, Configuration } of Actions) {
          const kind = kinds.get(Configuration.ProjectName?.Ref);
          if (!kind) continue;
          const now = `${kind}@${RunOrder}`;
          running[now] = (running[now] ?? 0) + 1;
          most[kind] = Math.max(most[kind] ?? 0, running[now]);
        }
      }
      expect(buildsAtOnce(deployment)).toEqual(most);
    },
  );
});

test('preflight checks for exactly what the templates contain', () => {
  const { templates } = synthesize(full);
  const network = templates.get('windows-auth-staging-network');
  const names = all(network as never, 'AWS::EC2::VPCEndpoint')
    .filter(({ VpcEndpointType }) => VpcEndpointType === 'Interface')
    .map(({ ServiceName }) => String(ServiceName).replace(`com.amazonaws.${region}.`, ''));
  expect(names.sort()).toEqual([...endpointServices, ...managementServices].sort());
  const database = all(templates.get('windows-auth-staging-database') as never, 'AWS::RDS::DBInstance')[0];
  expect(database).toMatchObject({
    Engine: sqlServerEngines.express,
    EngineVersion: sqlServerVersion,
    StorageType: 'gp3',
  });
});
