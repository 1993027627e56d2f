import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { companyAuthority } from './example-deployment.ts';
import { exampleDeployment, existingDeployment, type StackPart, synthesize } from './synthesize.ts';
import { all, list, objectsIn, only, type SynthesizedTemplate, taskWith } from './template.ts';

const deployment = existingDeployment();
const { template, templates } = synthesize(deployment);
const kmsKeyArn = 'arn:aws:kms:eu-central-1:444444444444:key/01234567-89ab-cdef-0123-456789abcdef';
const foreign = (name: string) => `arn:aws:secretsmanager:eu-central-1:444444444444:secret:${name}-AbCdEf`;

const published = (environment: string, part: StackPart): Record<string, unknown> =>
  Object.fromEntries(
    all(template(environment, part), 'AWS::SSM::Parameter').map(({ Name, Value }) => [
      String(Name).split('/').at(-1),
      Value,
    ]),
  );
const groupOf = (of: SynthesizedTemplate, description: RegExp) =>
  all(of, 'AWS::EC2::SecurityGroup').find(({ GroupDescription }) => description.test(GroupDescription));
const webOf = (of: SynthesizedTemplate): Record<string, unknown> =>
  Object.fromEntries(
    taskWith(of, 'web')
      .ContainerDefinitions.find(({ Name }: { Name: string }) => Name === 'web')
      .Environment.map(({ Name, Value }: { Name: string; Value: unknown }) => [Name, Value]),
  );
const statements = (of: SynthesizedTemplate) =>
  [...objectsIn(of)].filter(({ Effect, Action }) => Effect !== undefined && Action !== undefined);

describe('An existing SQL Server', () => {
  test('is passed on to later stages as configured', () => {
    expect(published('staging', 'database')).toMatchObject({
      host: 'listener.servers.example.net',
      port: '1533',
      'service-principal': 'MSSQLSvc/music-group.servers.example.net:1533@SERVERS.EXAMPLE.NET',
      'tls-name': 'listener.example.net',
      'for-life': '{"database.type":"existing"}',
    });
    expect(published('production', 'database')).toEqual({
      host: 'sql01.corp.example.com',
      port: '1433',
      'service-principal': 'MSSQLSvc/sql01.corp.example.com:1433',
      'tls-name': 'sql01.corp.example.com',
      'for-life': '{"database.type":"existing"}',
    });
  });

  test('is not created, and the monitoring for our own is omitted', () => {
    for (const [name, of] of templates) {
      expect(all(of, 'AWS::RDS::DBInstance'), name).toEqual([]);
      expect(JSON.stringify(of), name).not.toMatch(/AWS\/RDS|database-busy|database-storage-low/);
    }
    expect(templates.has('windows-auth-production-database-contents')).toBe(false);
    // The same texts are present for our own SQL Server.
    expect(JSON.stringify(synthesize(exampleDeployment()).template('staging', 'service'))).toMatch(
      /AWS\/RDS.*database-busy.*database-storage-low|database-busy.*database-storage-low.*AWS\/RDS/,
    );
  });

  test('tasks reach it on its port at the configured address, without new rules in existing groups', () => {
    const service = template('production', 'service');
    const tasks = groupOf(service, /^Tasks:/);
    const rules = [...tasks.SecurityGroupEgress, ...all(service, 'AWS::EC2::SecurityGroupEgress')];
    const toServer = rules.filter(({ FromPort, ToPort }) => FromPort <= 1433 && 1433 <= ToPort);
    expect(toServer.map((rule) => rule.CidrIp ?? rule.DestinationPrefixListId).sort()).toEqual([
      '10.1.0.0/24',
      'pl-0123456789abcdef0',
    ]);
    for (const { FromPort, ToPort } of toServer) expect([FromPort, ToPort]).toEqual([1433, 1433]);
  });

  test.each([
    [false, 0],
    [true, 1],
  ])('with manageIngress %s, %d rules are added to its group', (manageIngress, count) => {
    const managed = exampleDeployment(({ environments }) => {
      environments.splice(1);
      const [staging] = environments;
      const database = existingDeployment().environments[1]?.database;
      if (!staging || database?.type !== 'existing') throw new Error('The example has two environments.');
      staging.database = {
        ...database,
        access: { securityGroupId: 'sg-0123456789abcdef0', manageIngress },
      };
    });
    const service = synthesize(managed).template('staging', 'service');
    expect(
      all(service, 'AWS::EC2::SecurityGroupIngress').filter(
        ({ GroupId }) => GroupId === 'sg-0123456789abcdef0',
      ),
    ).toHaveLength(count);
    const tasks = groupOf(service, /^Tasks:/);
    const rules = [...tasks.SecurityGroupEgress, ...all(service, 'AWS::EC2::SecurityGroupEgress')];
    expect(rules.filter(({ FromPort }) => FromPort === 1433)).toEqual([
      expect.objectContaining({ DestinationSecurityGroupId: 'sg-0123456789abcdef0', ToPort: 1433 }),
    ]);
  });

  test("web trusts only the company's certificate authorities, and gets the name, SPN and listener", () => {
    const web = webOf(template('staging', 'service'));
    const pem = readFileSync(new URL(`../../${companyAuthority}`, import.meta.url), 'utf8');
    expect(web).toMatchObject({ SQL_TLS_CA: pem.trim(), SQL_MULTI_SUBNET: 'true', SQL_DATABASE: 'Music' });
    expect(web).not.toHaveProperty('SQL_TLS_CA_FILE');
    expect(webOf(template('production', 'service'))).not.toHaveProperty('SQL_MULTI_SUBNET');
  });

  test('in another domain: Kerberos to the domain controllers of that domain, by address', () => {
    const rules = groupOf(template('staging', 'service'), /^Tasks:/).SecurityGroupEgress;
    for (const CidrIp of ['10.1.0.10/32', '10.1.1.10/32']) {
      const of = rules.filter((rule: { CidrIp: string }) => rule.CidrIp === CidrIp);
      expect(of.map(({ IpProtocol, FromPort }: never) => `${IpProtocol} ${FromPort}`).sort()).toEqual([
        'tcp 88',
        'udp 88',
      ]);
    }
    expect(JSON.stringify(template('staging', 'service'))).toContain(
      '{"Name":"SQL_REALM_KDCS","Value":"10.1.0.10,10.1.1.10"}',
    );
  });

  test('its name can be resolved in the network', () => {
    const [known] = all(template('staging', 'network'), 'AWS::Route53Resolver::FirewallDomainList');
    expect(known.Domains).toEqual(expect.arrayContaining(['servers.example.net', '*.servers.example.net']));
  });

  test('with an administrator, a function creates the login in an existing database', () => {
    const contents = template('staging', 'database-contents');
    expect(only(contents, 'Custom::SqlDatabase')).toMatchObject({
      Existing: 'true',
      Host: 'listener.servers.example.net',
      TlsName: 'listener.example.net',
      Login: 'CORP\\svc-music',
      ExtraRoles: ['db_datawriter'],
      AdminSecretArn: foreign('sql01/sa'),
      Authorities: [expect.stringContaining('BEGIN CERTIFICATE')],
    });
    expect(only(contents, 'Custom::SqlDatabase')).not.toHaveProperty('Scripts');
  });
});

describe('An existing user', () => {
  test('is not created, nor is its password: the domain stack publishes the ARN of its secret', () => {
    for (const name of ['staging', 'production']) {
      const domain = template(name, 'domain');
      expect(all(domain, 'Custom::DirectoryUser')).toEqual([]);
      expect(JSON.stringify(domain)).not.toMatch(/ds:ResetUserPassword|ds-data:/);
    }
    expect(all(template('staging', 'domain'), 'AWS::SecretsManager::RotationSchedule')).toEqual([]);
    expect(JSON.stringify(template('staging', 'service'))).not.toContain('redeployment-fails');
    expect(published('staging', 'domain')).toEqual({ 'user-secret-arn': foreign('corp/svc-music') });
  });

  test.each([
    ['fetched', 'staging'],
    ['injected', 'production'],
  ])('%s: the role that reads its secret may decrypt it, only through Secrets Manager', (_, name) => {
    const decrypts = statements(template(name, 'service')).filter(({ Action }) =>
      list(Action).includes('kms:Decrypt'),
    );
    expect(decrypts).toEqual([
      {
        Action: 'kms:Decrypt',
        Effect: 'Allow',
        Resource: name === 'staging' ? kmsKeyArn : kmsKeyArn.replace('444444444444', '333333333333'),
        Condition: { StringEquals: { 'kms:ViaService': 'secretsmanager.eu-central-1.amazonaws.com' } },
      },
    ]);
  });

  test('own-password: a function that may use the secret and reaches domain controllers on two ports', () => {
    const domain = template('production', 'domain');
    expect(only(domain, 'AWS::SecretsManager::RotationSchedule')).toMatchObject({
      SecretId: 'arn:aws:secretsmanager:eu-central-1:333333333333:secret:corp/svc-music-AbCdEf',
      RotationRules: { ScheduleExpression: 'rate(30 days)' },
      RotateImmediatelyOnUpdate: false,
    });
    const group = groupOf(domain, /^Change of a password by its user/);
    const ports = group.SecurityGroupEgress.filter(
      ({ CidrIp }: { CidrIp?: string }) => CidrIp === '10.0.0.0/16',
    ).map(
      ({ IpProtocol, FromPort }: { IpProtocol: string; FromPort: number }) => `${IpProtocol} ${FromPort}`,
    );
    expect(ports.sort()).toEqual(['tcp 464', 'tcp 53', 'tcp 88', 'udp 464', 'udp 53']);
    expect(JSON.stringify(template('production', 'service'))).toContain('redeployment-fails');
  });

  test('only the endpoint of Secrets Manager permits secrets of another account', () => {
    const endpoints = all(template('staging', 'network'), 'AWS::EC2::VPCEndpoint').filter(
      ({ PolicyDocument }) => JSON.stringify(PolicyDocument ?? {}).includes('444444444444'),
    );
    expect(endpoints).toHaveLength(1);
    expect(JSON.stringify(endpoints[0].ServiceName)).toContain('secretsmanager');
    const [, given] = endpoints[0].PolicyDocument.Statement;
    expect(given.Resource).toEqual([foreign('corp/svc-music'), foreign('sql01/sa')]);
    expect(JSON.stringify(template('production', 'network'))).not.toContain('SecretsOfOthers');
  });
});
