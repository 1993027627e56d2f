import fc from 'fast-check';
import type { DeploymentInput } from '../../lib/config/index.ts';
import { companyAuthority } from './example-deployment.ts';

type EnvironmentInput = DeploymentInput['environments'][number];

/** An object in which each key may be present or absent; absent keys get their defaults. */
const some = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record<T, never>(model, { requiredKeys: [] });

const account = fc.constantFrom('111111111111', '222222222222', '333333333333');
const region = fc.constantFrom('eu-central-1', 'us-east-1', 'ap-southeast-2', 'sa-east-1');

const ownNetwork = some({
  cidr: fc.constantFrom('10.0.0.0/16', '172.31.16.0/20'),
  zones: fc.constantFrom(['a', 'b'], ['a', 'b', 'c'], ['c', 'a']),
  natGateways: fc.integer({ min: 0, max: 3 }),
  managementHost: fc.boolean(),
});

const subnets = (letter: string, tier: string) =>
  fc.constantFrom(`subnet-0123456789abcde${letter}${tier}`, `ssm:/network/${letter}/${tier}`);
const zone = (letter: string) =>
  fc.record(
    {
      tasks: subnets(letter, '0'),
      loadBalancer: subnets(letter, '1'),
      database: subnets(letter, '2'),
      routeTable: fc.constant(`rtb-0123456789abcdef${letter}`),
    },
    { requiredKeys: ['tasks', 'database'] },
  );
const existingNetwork = fc.record(
  {
    type: fc.constant('existing'),
    vpcId: fc.oneof(
      fc.integer({ min: 0, max: 9 }).map((last) => `vpc-0123456789abcdef${last}`),
      fc.constant('ssm:/network/vpc-id'),
    ),
    ownerAccount: account,
    cidrs: fc.subarray(['10.20.0.0/16', '100.64.0.0/20'], { minLength: 1 }),
    zones: fc.record({ a: zone('a'), b: zone('b'), c: zone('c') }, { requiredKeys: ['a', 'c'] }),
    dns: fc.oneof(fc.constant('amazon'), fc.constant({ servers: ['10.20.0.53', '10.99.0.53'] })),
    endpoints: fc.constantFrom('none', 'all', ['logs', 'secretsmanager'], ['s3']),
    awsAddresses: fc.subarray(['pl-0123456789abcdef0', '10.99.0.0/16'], { minLength: 1 }),
    natAddresses: fc.constant<string[]>(['198.51.100.7']),
    extraSecurityGroups: some({
      tasks: fc.constant<string[]>(['sg-0123456789abcdef0']),
      functions: fc.constant<string[]>(['sg-0123456789abcdef0', 'ssm:/network/functions']),
      loadBalancer: fc.constant<string[]>(['ssm:/network/balancer']),
    }),
  },
  { requiredKeys: ['type', 'vpcId', 'cidrs', 'zones'] },
);
const network = fc.oneof(ownNetwork, existingNetwork);

const resolver = fc.constantFrom('none', 'create', { ruleId: 'ssm:/network/rule' });
const controllers = fc.subarray(['10.21.0.0/16', 'pl-0123456789abcdef1'], { minLength: 1 });
const dnsAddresses = fc.constantFrom(
  ['10.21.1.10', '10.21.2.10'],
  ['10.21.1.10', '10.21.2.10', '10.21.3.10'],
);
const kdcs = fc.constant<string[]>(['dc1.corp.example.com', '10.21.1.10']);
const rotationDays = fc.integer({ min: 1, max: 41 });
const directoryId = fc.constantFrom('d-0123456789', 'ssm:/directory/id');
const directory = fc.oneof(
  some({ edition: fc.constantFrom('Standard', 'Enterprise'), rotationDays, resolver }),
  fc.record(
    { type: fc.constant('managed'), directoryId, dnsAddresses, controllers, kdcs, rotationDays, resolver },
    { requiredKeys: ['type', 'directoryId', 'dnsAddresses', 'resolver'] },
  ),
  fc.record(
    { type: fc.constant('shared'), directoryId, dnsAddresses, controllers, kdcs, resolver },
    { requiredKeys: ['type', 'directoryId', 'dnsAddresses', 'resolver'] },
  ),
  fc.record(
    {
      type: fc.constant('self-managed'),
      dnsAddresses: fc.oneof(dnsAddresses, fc.constant<string[]>(['10.21.1.10'])),
      controllers,
      kdcs,
      join: fc.record({
        ou: fc.constantFrom('OU=SQL,DC=corp,DC=example,DC=com', 'ou=SQL 1,ou=Server,dc=corp,dc=example'),
        secretArn: fc.constant('arn:aws:secretsmanager:eu-central-1:222222222222:secret:corp/join-AbCdEf'),
      }),
      resolver,
    },
    { requiredKeys: ['type', 'dnsAddresses', 'resolver'] },
  ),
);
const trusted = fc.uniqueArray(
  fc.record(
    {
      name: fc.constantFrom('partner.example.com', 'child.corp.example.com'),
      dnsAddresses: fc.constant<string[]>(['10.30.1.10']),
      controllers,
      kdcs,
      resolver,
    },
    { requiredKeys: ['name', 'dnsAddresses'] },
  ),
  { maxLength: 2, selector: ({ name }) => name },
);
const secretArn = 'arn:aws:secretsmanager:eu-central-1:222222222222:secret:corp/svc-music-AbCdEf';
const kmsKeyArn = 'arn:aws:kms:eu-central-1:222222222222:key/01234567-89ab-cdef-0123-456789abcdef';

const database = some({
  identifier: fc.stringMatching(/^[a-z](-?[a-z0-9]){1,7}$/),
  edition: fc.constantFrom('express', 'web', 'standard', 'enterprise'),
  instanceType: fc.constantFrom('t3.small', 't3.xlarge', 'm5.large', 'm6i.xlarge'),
  storageGiB: fc.integer({ min: 20, max: 200 }),
  maximumStorageGiB: fc.integer({ min: 100, max: 1000 }),
  multiAz: fc.boolean(),
  backupRetentionDays: fc.integer({ min: 1, max: 35 }),
  userRoles: fc.subarray(['db_datawriter', 'db_ddladmin']),
  roles: fc.subarray(['album_reader', 'db_datawriter'], { minLength: 1 }),
  script: fc.constant({
    url: 'https://scripts.s3.eu-central-1.amazonaws.com/all.sql',
    sha256: '0'.repeat(64),
  }),
});

const existing = fc.record(
  {
    type: fc.constant('existing' as const),
    host: fc.constantFrom(
      'sql01.corp.example.com',
      'SQL02.example.net',
      'music.c0ffee.eu-central-1.rds.amazonaws.com',
    ),
    port: fc.constantFrom(1433, 1533, 65_535),
    spn: fc.constantFrom('MSSQLSvc/sql01.corp.example.com:1433', 'MSSQLSvc/sql01.corp.example.com:MUSIC'),
    tlsName: fc.constantFrom('sql.example.com', 'music.c0ffee.eu-central-1.rds.amazonaws.com'),
    domain: fc.constantFrom('servers.example.net', 'partner.example.com', 'corp.example.com'),
    certificates: fc.constantFrom('rds' as const, { files: [companyAuthority] }, { files: ['package.json'] }),
    name: fc.constantFrom('Music', 'Music-Store', 'msdb'),
    userRoles: fc.subarray(['db_datawriter', 'db_ddladmin']),
    roles: fc.subarray(['album_reader', 'db_datawriter'], { minLength: 1 }),
    multiSubnetFailover: fc.boolean(),
    access: some({
      securityGroupId: fc.constantFrom('sg-0123456789abcdef0', 'ssm:/network/sql01/group'),
      addresses: fc.subarray(['10.1.0.0/24', '192.0.2.7/32', 'pl-0123456789abcdef0'], { minLength: 1 }),
      manageIngress: fc.boolean(),
    }),
    provisioning: fc.constantFrom(
      'none' as const,
      'script' as const,
      { administratorSecretArn: secretArn },
      { administratorSecretArn: secretArn, kmsKeyArn },
    ),
  },
  { requiredKeys: ['type', 'host', 'certificates', 'name', 'access'] },
);

const userOf = (...secrets: string[]) =>
  fc.oneof(
    some({
      name: fc.constantFrom('db-user', 'svc.music'),
      adopt: fc.boolean(),
      rotationDays: fc.integer({ min: 1, max: 35 }),
    }),
    fc.record(
      {
        name: fc.constantFrom('db-user', 'SvcMusic'),
        secretArn: fc.constantFrom(
          ...secrets.flatMap((arn) => [arn, arn.replace('222222222222', '444444444444')]),
        ),
        kmsKeyArn: fc.constantFrom(kmsKeyArn, kmsKeyArn.replace('222222222222', '444444444444')),
        rotation: fc.constantFrom('none', 'own-password'),
        rotationDays: fc.integer({ min: 1, max: 35 }),
      },
      { requiredKeys: ['secretArn'] },
    ),
  );
const user = userOf(secretArn);

const service = some({
  cpu: fc.constantFrom(256, 512, 1024, 2048, 4096),
  memoryMiB: fc.constantFrom(512, 1024, 2048, 4096, 8192, 16384),
  minimumTasks: fc.integer({ min: 1, max: 8 }),
  maximumTasks: fc.integer({ min: 4, max: 20 }),
  credentialMode: fc.constantFrom('injected', 'fetched'),
  ticketMode: fc.constantFrom('service-ticket', 'tgt'),
  deployment: fc.constantFrom('rolling', 'blue-green'),
  rollbackOnFailedTest: fc.boolean(),
});

const serviceKeys = {
  user: fc.oneof(
    fc.constantFrom('svc-one', 'svc-two', 'a.user_of.20-letters'),
    userOf(secretArn.replace('music', 'one'), secretArn.replace('music', 'two'), secretArn),
  ),
  roles: fc.subarray(['play_counter', 'report_reader', 'db_datareader']),
  cpu: fc.constantFrom(256, 512, 1024),
  memoryMiB: fc.constantFrom(512, 1024, 2048),
  credentialMode: fc.constantFrom('injected', 'fetched'),
  ticketMode: fc.constantFrom('service-ticket', 'tgt'),
  variables: fc.dictionary(fc.constantFrom('A', 'KEY', 'ROUND_SECONDS'), fc.constantFrom('60', '', 'ß "\\')),
  secrets: fc.constantFrom({}, { KEY: secretArn }),
};
const jobKeys = {
  schedule: fc.constantFrom(
    'rate(1 day)',
    'rate(90 minutes)',
    'cron(0 3 * * ? *)',
    'cron(0/5 8 ? * MON#1 *)',
  ),
  timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/Port-au-Prince'),
  retries: fc.integer({ min: 0, max: 10 }),
  timeoutMinutes: fc.integer({ min: 1, max: 1440 }),
};
const tasks = fc.integer({ min: 1, max: 100 });
const serviceName = fc.constantFrom(
  'worker',
  'job',
  'reports',
  'tables',
  'a-b-c-d-e-f1',
  'x1',
  'doctor',
  'database',
  'web-doctor',
);
const hostedZone = { id: 'Z0123456789ABCDEFGHIJ', name: 'example.com' };
const loadBalancer = fc
  .record({
    scheme: fc.constantFrom('internal', 'internet-facing'),
    allowedClients: fc.subarray(['10.0.0.0/8', '192.0.2.0/24', '0.0.0.0/0'], { minLength: 1 }),
    name: fc.constantFrom(
      {},
      { hostName: 'music.example.com', hostedZone },
      { hostName: 'music.example.org', hostedZone },
      { hostedZone },
      {
        hostName: 'music.example.com',
        certificateArn: 'arn:aws:acm:eu-central-1:222222222222:certificate/one',
      },
    ),
  })
  .map(({ name, ...others }) => ({ ...others, ...name }));

const hosts = fc.subarray(['reports.example.com', '*.example.com', 'tables.example.org'], { minLength: 1 });
const paths = fc.subarray(['/reports/*', '/tables/?', '/*', '*.png'], { minLength: 1 });
const image = fc.record({
  uri: fc
    .tuple(account, region)
    .map(([owner, place]) => `${owner}.dkr.ecr.${place}.amazonaws.com/team/reports@sha256:${'a'.repeat(64)}`),
});
const answering = fc.record(
  {
    kind: fc.constant('web' as const),
    ...serviceKeys,
    port: fc.constantFrom(1024, 8080, 65_535),
    healthPath: fc.constantFrom('/healthz', '/reports/healthz'),
    minimumTasks: fc.integer({ min: 1, max: 4 }),
    maximumTasks: fc.integer({ min: 2, max: 20 }),
    route: some({ hosts, paths }),
    loadBalancer,
    image,
  },
  { requiredKeys: ['kind'] },
);
/** Other services. Their folders need not exist for a template. */
const services = fc.dictionary(
  serviceName,
  fc.oneof(
    fc.record({ kind: fc.constant('worker' as const), ...serviceKeys, tasks }, { requiredKeys: ['kind'] }),
    fc.record(
      { kind: fc.constant('job' as const), ...serviceKeys, ...jobKeys },
      { requiredKeys: ['kind', 'schedule'] },
    ),
    answering,
  ),
  { maxKeys: 3 },
);
const serviceOverrides = fc.dictionary(serviceName, some({ ...serviceKeys, ...jobKeys, tasks }), {
  maxKeys: 1,
});

const environment = fc.record(
  {
    name: fc.stringMatching(/^[a-z][a-z0-9]{1,11}$/),
    account,
    region,
    approvals: some({
      beforeEnvironment: fc.boolean(),
      beforeDatabase: fc.boolean(),
      beforeService: fc.boolean(),
    }),
    alarmEmail: fc.constant('operators@example.com'),
    logRetentionDays: fc.constantFrom(7, 90, 1827),
    deletionProtection: fc.boolean(),
    network,
    domain: fc.constant({ name: 'own.example.com' }),
    directory,
    trusted,
    user,
    database: fc.oneof(database, existing),
    service,
    loadBalancer,
    services: serviceOverrides,
  },
  { requiredKeys: ['name', 'account', 'region', 'loadBalancer'] },
) as fc.Arbitrary<EnvironmentInput>;

const source = fc.constantFrom<DeploymentInput['source'][]>(
  { type: 's3', bucket: 'sources-of-service', key: 'main.zip' },
  { type: 'codecommit', repository: 'service', branch: 'release/1' },
  {
    type: 'connection',
    connectionArn:
      'arn:aws:codeconnections:eu-central-1:111111111111:connection/00000000-0000-0000-0000-000000000000',
    repository: 'example/service',
  },
  {
    type: 'connection',
    connectionArn:
      'arn:aws:codeconnections:us-east-1:444444444444:connection/00000000-0000-0000-0000-000000000000',
    ownerAccount: '444444444444',
    repository: 'example/service',
  },
);

/**
 * Configurations as people may write them, including incompatible keys: 1 to 5 environments, each option present or
 * absent.
 */
export const deployments = fc.record(
  {
    name: fc.stringMatching(/^[a-z](-?[a-z0-9]){2,9}$/),
    tools: fc.record(
      { account, region, bootstrapQualifier: fc.constantFrom('orders', 'hnb659fds') },
      { requiredKeys: ['account', 'region'] },
    ),
    source,
    domain: fc.record(
      {
        name: fc.constantFrom('corp.example.com', 'a-long-name-of-a-domain.internal.example.com'),
        netbiosName: fc.constantFrom('CORP', 'X'),
        user: fc.constantFrom('db-user', 'a.user_of.20-letters'),
        adoptUser: fc.boolean(),
      },
      { requiredKeys: ['name'] },
    ),
    images: some({
      architecture: fc.constantFrom('x86_64', 'arm64'),
      replication: fc.constantFrom('own', 'existing'),
      failOnSeverity: fc.constantFrom('CRITICAL', 'LOW'),
    }),
    pipeline: some({
      notificationEmail: fc.constant('developers@example.com'),
      artifactRetentionDays: fc.integer({ min: 1, max: 365 }),
    }),
    tags: fc.constantFrom({}, { team: 'music' }),
    runbookUrl: fc.constant('https://example.com/operate'),
    services,
    environments: fc.array(environment, { minLength: 1, maxLength: 5 }),
  },
  { requiredKeys: ['name', 'tools', 'source', 'domain', 'environments'] },
) as fc.Arbitrary<DeploymentInput>;
