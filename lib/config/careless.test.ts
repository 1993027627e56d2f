import { describe, expect, test } from 'vitest';
import {
  exampleInput,
  existingDatabase,
  sentencesAbout,
} from '../../test/infrastructure/example-deployment.ts';
import { networkThere } from '../../test/infrastructure/updates/estate.ts';
import { loadDeployment } from './index.ts';

/** The messages about the example with one key changed: a line for each wrong value. */
function said(key: string, value: unknown): string[] {
  const input = structuredClone(exampleInput);
  const keys = key.split('.');
  const last = keys.pop() ?? '';
  let at = input as unknown as Record<string, Record<string, never>>;
  for (const inner of keys) {
    at[inner] ??= {};
    at = at[inner] as never;
  }
  at[last] = value as never;
  return sentencesAbout(input);
}

const first = 'environments.0';
const zone = { id: 'Z0123456789ABCDEFGHIJ', name: 'example.com' };
const clients = ['10.0.0.0/8'];
const certificateArn = 'arn:aws:acm:eu-central-1:222222222222:certificate/one';
const dns = { servers: ['10.20.0.53'] };
const webSecret = 'arn:aws:secretsmanager:eu-central-1:222222222222:secret:user-AbCdEf';
const connectionArn = `arn:aws:codeconnections:eu-central-1:111111111111:connection/${'0'.repeat(8)}`;

describe('One sentence reports what AWS would refuse after half an hour', () => {
  test.each<[string, unknown]>([
    ...['eu-central-9', 'eu-centrall-1', 'xx-nowhere-1', 'us-gov-west-1', 'eusc-de-east-1', ''].map(
      (region) => [`${first}.region`, region] as [string, unknown],
    ),
    ...['il-central-1', 'ca-west-1', 'mx-central-1', 'ap-southeast-3', 'ap-southeast-5', 'ap-east-2'].map(
      (region) => [`${first}.region`, region] as [string, unknown],
    ),
    [`${first}.account`, '000000000000'],
    [`${first}.name`, 'tools'],
    ['source.branch', 'refs/heads/main'],
    ['services', { worker: { kind: 'worker', variables: { PATH: '/opt/bin' } } }],
    ...['aws-login', 'ssm', 'awsome', 'sthree-music', 'cdk', 'cdk-music', 'amzn-s3-demo-x'].map(
      (name) => ['name', name] as [string, unknown],
    ),
    ...['admin', 'administrator', 'guest', 'krbtgt', 'users', 'dnsadmins', 'db.', 'db..'].map(
      (user) => ['domain.user', user] as [string, unknown],
    ),
    ...['BUILTIN', 'NETWORK', 'CORP-', 'SERVICE'].map(
      (name) => ['domain.netbiosName', name] as [string, unknown],
    ),
    ['domain', { name: 'my-companyname-x.example.com' }],
    ['domain', { name: 'service.example.com' }],
    ['domain', { name: '1corp.example.com' }],
    ['domain.name', `${'a'.repeat(36)}.example.com`],
    ...['master', 'MSDB', 'tempdb', 'rdsadmin', 'Model', 'SSISDB'].map(
      (name) => [`${first}.database.name`, name] as [string, unknown],
    ),
    [`${first}.database.instanceType`, 'db.t3.small'],
    [`${first}.database`, { edition: 'web', instanceType: 't3.micro' }],
    [`${first}.database.instanceType`, 't2.micro'],
    ...[
      { host: '10.1.0.7' },
      { host: 'sql01' },
      { host: 'sql01.corp.example.com\\MUSIC' },
      { host: 'tcp:sql01.corp.example.com,1433' },
      { port: 0 },
      { port: '1433' },
      { port: 65_536 },
      { spn: 'sql01.corp.example.com:1433' },
      { spn: 'MSSQLSvc/sql01.corp.example.com:1433@CORP.EXAMPLE.COM' },
      ...['-', '..:1433', '10.1.0.7:1433', 'sql01.corp.example.com:0', 'sql01.corp.example.com:99999'].map(
        (name) => ({ spn: `MSSQLSvc/${name}` }),
      ),
      { tlsName: '*.example.com' },
      { domain: 'corp.example.com' },
      { domain: 'servers.example.net' },
      { certificates: undefined },
      { certificates: 'company' },
      { certificates: { files: [] } },
      { certificates: { files: ['package.json'] } },
      { certificates: { files: ['/etc/ssl/certs/ca-certificates.crt'] } },
      { name: 'msdb' },
      { name: '' },
      { access: undefined },
      { access: {} },
      { access: { addresses: [] } },
      { access: { addresses: ['0.0.0.0/0'] } },
      { access: { addresses: ['10.1.0.7'] } },
      { access: { addresses: ['pl-1'] } },
      { access: { securityGroupId: 'default' } },
      { access: { addresses: ['10.1.0.0/24'], manageIngress: true } },
      { provisioning: 'administrator' },
      { provisioning: {} },
      { provisioning: { administratorSecretArn: 'sa' } },
      { type: 'rds' },
    ].map((values) => [`${first}.database`, { ...existingDatabase, ...values }] as [string, unknown]),
    [`${first}.user`, { secretArn: 'corp/db-user' }],
    [
      `${first}.directory`,
      {
        type: 'self-managed',
        dnsAddresses: ['10.1.0.10'],
        resolver: 'create',
        join: {
          ou: 'OU=SQL,DC=corp,DC=example,DC=com',
          secretArn: 'arn:aws:secretsmanager:eu-central-1:222222222222:secret:corp/join-AbCdEf',
        },
      },
    ],
    [`${first}.directory.rotationDays`, 41],
    [`${first}.network.zones`, ['e', 'f']],
    ...[
      '127.0.0.0/16',
      '169.254.0.0/16',
      '224.0.0.0/16',
      '0.0.0.0/16',
      '10.0.0.0/8',
      '010.0.0.0/16',
      '10.0.0.0/016',
    ].map((cidr) => [`${first}.network.cidr`, cidr] as [string, unknown]),
    ...['10.1.2.3/8', '010.0.0.0/8', '10.0.0.0/08', '10.0.0.0/33', '10.0.0.256/32', '10.0.0.1'].map(
      (cidr) => [`${first}.loadBalancer.allowedClients`, [cidr]] as [string, unknown],
    ),
    ...[
      'music.corp.example.com',
      'corp.example.com',
      'music-db.corp.example.com',
      '-a.example.com',
      'a-.example.com',
      `${'a'.repeat(64)}.example.com`,
      `${'a.'.repeat(27)}example.com`,
    ].map(
      (hostName) =>
        [`${first}.loadBalancer`, { allowedClients: clients, hostName, hostedZone: zone }] as [
          string,
          unknown,
        ],
    ),
    [
      `${first}.loadBalancer`,
      {
        allowedClients: clients,
        hostName: 'a.example.com',
        certificateArn: certificateArn.replace('2222', '3333'),
      },
    ],
    [
      `${first}.loadBalancer`,
      {
        allowedClients: clients,
        hostName: 'a.example.com',
        certificateArn: 'arn:aws:iam::222222222222:server-certificate/x',
      },
    ],
    ...[
      { Environment: 'x' },
      { APPLICATION: 'x' },
      { application: 'x' },
      { Team: 'a', team: 'b' },
      { 'aws:owner': 'x' },
      { 'rds:x': 'y' },
      { owner: 'aws:me' },
      { 'R&D': 'x' },
      { team: 'R&D' },
      { team: '' },
      { '': 'x' },
      { ['x'.repeat(129)]: 'y' },
      { team: 'x'.repeat(257) },
    ].map((tags) => ['tags', tags] as [string, unknown]),
    ['tags', Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`tag${index}`, 'x']))],
    ...[
      '',
      'a b',
      'a..b',
      '/a',
      'a/',
      'a//b',
      'a.lock',
      'a.',
      'a~1',
      'a^',
      'a:b',
      'a?',
      'a*',
      'a[',
      'a\\b',
      '@',
      'a@{1}',
      '.a',
      'a/.b',
      '-a',
    ].map((branch) => ['source', { type: 'codecommit', repository: 'service', branch }] as [string, unknown]),
    ['source.connectionArn', connectionArn.replace('arn:aws:', 'arn:aws-cn:')],
    ['source.connectionArn', connectionArn.replace('eu-central-1', 'eu-nowhere-1')],
    ['source.repository', `owner/${'x'.repeat(250)}`],
    ...[
      ...['a..b', 'a.-b', '.abc', 'abc.', '-abc', 'abc-', 'ab', 'Sources', '192.168.1.1', 'xn--abc', 'a_b'],
      ...[
        'sthree-abc',
        'amzn-s3-demo-abc',
        'abc-s3alias',
        'abc--ol-s3',
        'abc.mrap',
        'abc--x-s3',
        'abc--table-s3',
      ],
    ].map((bucket) => ['source', { type: 's3', bucket, key: 'main.zip' }] as [string, unknown]),
    ['source', { type: 's3', bucket: 'sources', key: `${'x'.repeat(1021)}.zip` }],
    ...['service.git', '.', '..', 'a b', ''].map(
      (repository) => ['source', { type: 'codecommit', repository }] as [string, unknown],
    ),
    ['runbookUrl', `https://example.com/${'x'.repeat(500)}`],
    ...[
      ...['https://reader:secret@example.com/runbook', 'https://reader@example.com', ''],
      ...[
        'https:example.com',
        'https:///example.com',
        ' https://example.com',
        'https://example.com/\u001b[31m',
      ],
      ...['https://example.com/a\nb', 'https://exa mple.com/', 'https://example.com:99999/'],
    ].flatMap((address): [string, unknown][] => [
      ['runbookUrl', address],
      [`${first}.database.script`, { url: address, sha256: 'a'.repeat(64) }],
    ]),
    ...['0.0.0.0/0', '127.0.0.0/8', '224.0.0.0/4'].map(
      (cidr) => [`${first}.network.cidr`, cidr] as [string, unknown],
    ),
    [`${first}.network.zones`, ''],
    [`${first}.loadBalancer.allowedClients`, ''],
    [`${first}.database.storageGiB`, 1e99],
    [`${first}.database.maximumStorageGiB`, 0],
    [`${first}.service.maximumTasks`, 0],
    [`${first}.user`, { secretArn: webSecret, rotation: 'own-password', rotationDays: 0 }],
    [`${first}.user`, { secretArn: webSecret, kmsKeyArn: 'arn:aws:kms:eu-central-1:222222222222:key/mine' }],
    ...['constructor', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'].map(
      (name) => [`${first}.services`, { [name]: { tasks: 2 } }] as [string, unknown],
    ),
    ['services', { constructor: { kind: 'worker' } }],
    ...['/', '/healthz', '/api/albums'].map((path): [string, unknown] => [
      'services',
      { reports: { kind: 'web', route: { paths: [path] }, healthPath: '/reports/healthz' } },
    ]),
    ['services', { reports: { kind: 'web', route: { paths: [] } } }],
    ['services', { worker: { kind: 'worker', variables: { A: 'a\0b' } } }],
    // Text that CDK or CloudFormation would replace.
    ...[
      // biome-ignore lint/suspicious/noTemplateCurlyInString: as a person might write it
      ...['${Token[TOKEN.12]}', '{{resolve:secretsmanager:corp}}', 'a {{resolve:nonsense}} b'],
    ].flatMap((value): [string, unknown][] => [
      ['services', { worker: { kind: 'worker', variables: { A: value } } }],
      ['runbookUrl', `https://example.com/${value.replaceAll(' ', '')}`],
    ]),
    ...['dnsAddresses', 'kdcs'].map((key): [string, unknown] => [
      `${first}.trusted`,
      [{ name: 'servers.example.net', dnsAddresses: ['10.30.1.10'], [key]: ['10.0.5.5'] }],
    ]),
    [
      'pipeline.notificationEmail',
      `team@${'x'.repeat(63)}.${'y'.repeat(63)}.${'z'.repeat(63)}.${'a'.repeat(63)}.com`,
    ],
    ...[
      ...['amazonaws.com', 'eu-central-1.amazonaws.com', 'corp.amazonaws.com', 'api.aws', 'x.on.aws'],
      ...['eu-central-1.compute.internal', 'ec2.internal', 'corp.localhost', 'x.in-addr.arpa'],
    ].map((name) => ['domain', { name }] as [string, unknown]),
    [`${first}.domain`, { name: 'corp.amazonaws.com' }],
    [`${first}.trusted`, [{ name: 'amazonaws.com', dnsAddresses: ['10.30.1.10'] }]],
    ['domain.user', 'DefaultAccount'.toLowerCase()],
    [
      `${first}.loadBalancer`,
      { allowedClients: clients, hostName: 'a.example.com', certificateArn: `${certificateArn} two` },
    ],
    ...[{ team: ' ' }, { team: 'x ' }, { team: ' x' }].map((tags) => ['tags', tags] as [string, unknown]),
    ...['public', 'PUBLIC', 'dbo', 'guest', 'sys', 'Information_Schema'].map(
      (role) => [`${first}.database.roles`, [role]] as [string, unknown],
    ),
    ...['10.0.0.1', '172.31.255.1', '192.168.0.1', '100.64.0.1', '100.127.0.1'].map(
      (address) =>
        [`${first}.network`, { ...networkThere, dns, natAddresses: [address] }] as [string, unknown],
    ),
    ...[
      'owner',
      'https://example.com/owner/name',
      'owner/',
      '/name',
      'owner/name.git',
      'owner/..',
      './name',
    ].map((repository) => ['source', { type: 'connection', connectionArn, repository }] as [string, unknown]),
  ])('%s: %j', (key, value) => {
    expect(said(key, value), said(key, value).join('\n')).toHaveLength(1);
    expect(said(key, value)[0]).toMatch(/^deployment\.\S+ (is|is missing)\b.*: it must be .*\.$/);
  });

  test.each<[string, unknown]>([
    ['port', 0],
    ['port', 70_000],
    ['variables', { A: 'x'.repeat(5000) }],
    [
      'variables',
      Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`A${index}`, 'x'.repeat(2000)])),
    ],
    ['roles', ['reader', 'reader']],
    ['roles', ['public']],
    ['minimumTasks', 0],
  ])('%s: %j of a service that an environment overrides otherwise', (key, value) => {
    const input = structuredClone(exampleInput);
    input.services = {
      reports: { kind: 'web', route: { paths: ['/reports/*'] }, healthPath: '/reports/x', [key]: value },
    };
    for (const environment of input.environments)
      environment.services = { reports: { cpu: 512, memoryMiB: 1024 } };
    expect(() => loadDeployment(input)).toThrow(/^deployment\.services\.reports\.[^\n]*$/);
  });

  test.each([' team', 'team ', ' '])('the tag "%s"', (tag) => {
    expect(said('tags', { [tag]: 'x' })).toEqual([
      expect.stringMatching(/it must be a tag without spaces at the ends\.$/),
    ]);
  });

  test('the default zones of a region exist in it', () => {
    const zones = (region: string) =>
      loadDeployment({ ...exampleInput, environments: [{ ...exampleInput.environments[0], region }] })
        .environments[0]?.network.zones;
    expect(zones('eu-central-1')).toEqual(['a', 'b']);
    expect(zones('ap-northeast-1')).toEqual(['a', 'c']);
    expect(zones('ca-central-1')).toEqual(['a', 'b']);
    expect(() => zones('us-west-1')).toThrow(
      'network.zones is missing: it must be given in us-west-1, where each account has two of the zones a, b, c.',
    );
  });
});

describe('Valid values are accepted', () => {
  test.each<[string, unknown]>([
    ...['feature/x', 'fix/#42', 'release+1@x', 'main', 'a', 'ü', '1.x'].map(
      (branch) => ['source', { type: 'codecommit', repository: 'service', branch }] as [string, unknown],
    ),
    ['source', { type: 'connection', connectionArn, repository: 'group/subgroup/name' }],
    [
      `${first}.loadBalancer`,
      {
        allowedClients: clients,
        hostName: 'music.example.com',
        hostedZone: { ...zone, name: 'music.example.com' },
      },
    ],
    [`${first}.loadBalancer`, { allowedClients: clients, hostName: 'a.example.com', certificateArn }],
    [`${first}.loadBalancer.allowedClients`, ['10.1.2.3/32', '0.0.0.0/0', '192.0.2.128/25']],
    [`${first}.network.cidr`, '10.0.5.0/16'],
    ...['sources', 'my.sources', '1-sources', 'a-b.c-d', 'xn-abc'].map(
      (bucket) => ['source', { type: 's3', bucket, key: 'a/main.zip' }] as [string, unknown],
    ),
    ['source', { type: 'codecommit', repository: 'service.github' }],
    ['source', { type: 'connection', connectionArn, repository: 'owner/.github' }],
    ['runbookUrl', 'https://wiki.example.com:8443/a?b=c@d#e'],
    ['services', { worker: { kind: 'worker', variables: { A: '', B: 'a\nb' } } }],
    ...[
      'sql01:1433',
      'sql01.corp.example.com',
      'sql01.corp.example.com:MUSIC',
      'SQL_01.corp.example.com:65535',
    ].map((name): [string, unknown] => [
      `${first}.database`,
      { ...existingDatabase, spn: `MSSQLSvc/${name}` },
    ]),
    ['runbookUrl', `https://example.com/@team/${'x'.repeat(480)}`],
    ...['corp.internal', 'corp.local', 'myamazonaws.com', 'aws.example.com', 'corp.example-aws.net'].map(
      (name) => ['domain', { name }] as [string, unknown],
    ),
    [`${first}.database.roles`, ['publisher']],
    ...['198.51.100.7', '172.15.0.1', '172.32.0.1', '100.63.0.1', '100.128.0.1', '192.167.0.1'].map(
      (address) =>
        [`${first}.network`, { ...networkThere, dns, natAddresses: [address] }] as [string, unknown],
    ),
    ['tags', { team: 'Müsic & more'.replace('&', '+'), 'cost-center': '42' }],
    ['domain', { name: 'my-companyname-x.example.com', netbiosName: 'MYCOMPANY' }],
    ...[
      {},
      { host: 'SQL01.corp.example.com', port: 1533 },
      { host: 'music.c0ffee.eu-central-1.rds.amazonaws.com', certificates: undefined },
      { tlsName: 'music.c0ffee.eu-central-1.rds.amazonaws.com', certificates: undefined },
      { access: { addresses: ['10.1.0.7/32', 'pl-0123456789abcdef0'] } },
      { access: { securityGroupId: 'ssm:/network/sql01', manageIngress: true } },
      { provisioning: 'none' },
      { name: 'Music-Store_2' },
    ].map((values) => [`${first}.database`, { ...existingDatabase, ...values }] as [string, unknown]),
    [`${first}.database.type`, 'new'],
    [`${first}.region`, 'eu-south-1'],
  ])('%s: %j', (key, value) => {
    expect(said(key, value)).toEqual([]);
  });
});
