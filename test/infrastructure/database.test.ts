import { describe, expect, test } from 'vitest';
import { exampleDeployment, synthesize } from './synthesize.ts';
import { all, only, resources } from './template.ts';

const { template } = synthesize(exampleDeployment());
const production = template('production', 'database');
const staging = template('staging', 'database');

interface Statement {
  readonly Principal: unknown;
  readonly Condition: unknown;
}

describe('SQL Server', () => {
  const instance = only(production, 'AWS::RDS::DBInstance');

  test('is private, and encrypted with its own key, which is rotated', () => {
    expect(instance).toMatchObject({ PubliclyAccessible: false, StorageEncrypted: true });
    const [[keyId] = ['']] = resources(production, 'AWS::KMS::Key');
    expect(instance.KmsKeyId).toEqual({ 'Fn::GetAtt': [keyId, 'Arn'] });
    expect(only(production, 'AWS::KMS::Key')).toMatchObject({ EnableKeyRotation: true });
  });

  test('is in the isolated subnets and admits no client by itself', () => {
    expect(JSON.stringify(only(production, 'AWS::RDS::DBSubnetGroup').SubnetIds)).toMatch(
      /isolatedsubnetids/,
    );
    const group = all(production, 'AWS::EC2::SecurityGroup').find(({ GroupDescription }) =>
      GroupDescription.startsWith('SQL Server'),
    );
    expect(group.SecurityGroupIngress).toBeUndefined();
  });

  test('accepts only TLS, without broken versions and ciphers', () => {
    expect(only(production, 'AWS::RDS::DBParameterGroup').Parameters).toEqual({
      'rds.force_ssl': '1',
      'rds.tls10': 'disabled',
      'rds.tls11': 'disabled',
      'rds.rc4': 'disabled',
      'rds.3des168': 'disabled',
    });
  });

  test('is a member of the domain, through a role that only RDS may assume', () => {
    expect(JSON.stringify(instance.Domain)).toMatch(/directorydirectoryid/);
    const roleId = instance.DomainIAMRoleName.Ref;
    const { AssumeRolePolicyDocument } = production.Resources[roleId]?.Properties ?? {};
    expect(
      AssumeRolePolicyDocument.Statement.map(({ Principal, Condition }: Statement) => [Principal, Condition]),
    ).toEqual([
      [
        { Service: ['directoryservice.rds.amazonaws.com', 'rds.amazonaws.com'] },
        { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      ],
    ]);
  });

  test.each([
    ['eu-south-1', ['directoryservice.rds.eu-south-1.amazonaws.com']],
    ['me-central-1', ['directoryservice.rds.me-central-1.amazonaws.com']],
    ['eu-west-1', []],
  ])(
    "is also a member in %s: in an opt-in region, through the region's own RDS service principal",
    (region, own) => {
      const { template: templateThere } = synthesize(
        exampleDeployment(({ environments: [first] }) => Object.assign(first ?? {}, { region })),
      );
      const database = templateThere('staging', 'database');
      const roleId = only(database, 'AWS::RDS::DBInstance').DomainIAMRoleName.Ref;
      const { Statement: statements } =
        database.Resources[roleId]?.Properties?.AssumeRolePolicyDocument ?? {};
      expect(statements).toEqual([
        {
          Action: 'sts:AssumeRole',
          Effect: 'Allow',
          Principal: {
            Service: expect.toSatisfy((services: string[]) => {
              expect(services.toSorted()).toEqual(
                ['directoryservice.rds.amazonaws.com', ...own, 'rds.amazonaws.com'].toSorted(),
              );
              return true;
            }),
          },
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        },
      ]);
    },
  );

  test("has its admin's password kept and rotated by RDS", () => {
    expect(instance).toMatchObject({ ManageMasterUserPassword: true, MasterUsername: 'admin' });
    expect(instance.MasterUserPassword).toBeUndefined();
  });

  test('is backed up, and leaves a snapshot and its key when it is deleted', () => {
    expect(instance).toMatchObject({ BackupRetentionPeriod: 30, CopyTagsToSnapshot: true });
    for (const database of [production, staging]) {
      expect(resources(database, 'AWS::RDS::DBInstance')[0]?.[1].DeletionPolicy).toBe('Snapshot');
      expect(resources(database, 'AWS::KMS::Key')[0]?.[1].DeletionPolicy).toBe('RetainExceptOnCreate');
    }
  });

  test('exports its logs to groups with a retention period', () => {
    expect(instance.EnableCloudwatchLogsExports).toEqual(['error', 'agent']);
    expect(only(staging, 'AWS::RDS::DBInstance').EnableCloudwatchLogsExports).toEqual(['error']);
    const groups = all(production, 'AWS::Logs::LogGroup').map(({ LogGroupName }) => LogGroupName);
    expect(groups).toEqual(
      expect.arrayContaining(['/aws/rds/instance/music-db/error', '/aws/rds/instance/music-db/agent']),
    );
  });

  test('is protected, in two zones and larger if the environment says so', () => {
    expect(instance).toMatchObject({
      DeletionProtection: true,
      MultiAZ: true,
      Engine: 'sqlserver-se',
      DBInstanceClass: 'db.m6i.xlarge',
    });
    expect(only(staging, 'AWS::RDS::DBInstance')).toMatchObject({
      DeletionProtection: false,
      MultiAZ: false,
      Engine: 'sqlserver-ex',
      DBInstanceClass: 'db.t3.small',
    });
  });

  test('has the host name for which the service requests a ticket', () => {
    expect(instance.DBInstanceIdentifier).toBe('music-db');
  });
});

describe('Provisioning', () => {
  const contents = template('production', 'database-contents');
  const [database] = resources(contents, 'Custom::SqlDatabase');

  test('creates the database and the login of the directory user once SQL Server can be reached', () => {
    expect(database?.[1].Properties).toMatchObject({
      Database: 'Music',
      Login: 'CORP\\db-user',
      Port: 1433,
    });
    const ways = [
      ...resources(contents, 'AWS::EC2::SecurityGroupIngress'),
      ...resources(contents, 'AWS::EC2::SecurityGroupEgress'),
    ];
    expect(database?.[1].DependsOn).toEqual(expect.arrayContaining(ways.map(([id]) => id)));
  });

  test('is the only client that this stack admits, on one port and from a private subnet', () => {
    expect(only(contents, 'AWS::EC2::SecurityGroupIngress')).toMatchObject({
      FromPort: 1433,
      ToPort: 1433,
    });
    const { VpcConfig } = only(contents, 'AWS::Lambda::Function');
    expect(JSON.stringify(VpcConfig.SubnetIds)).toMatch(/privatesubnetids/);
    expect(VpcConfig.SecurityGroupIds).toHaveLength(1);
  });

  test("gets the ARN of the administrator's secret, not the password", () => {
    expect(database?.[1].Properties.AdminSecretArn).toEqual({
      Ref: expect.stringMatching(/databaseadminsecretarn/),
    });
    expect(JSON.stringify(contents)).not.toContain('{{resolve:');
  });
});

describe('What web may do in its database', () => {
  const rolesIn = (roles: readonly string[] | undefined) => {
    const deployment = exampleDeployment(({ environments }) => {
      environments.splice(1);
      const [staging] = environments;
      if (staging && roles) staging.database = { roles: [...roles] };
    });
    const synthesized = synthesize(deployment).template;
    const { Roles, ExtraRoles } = only(synthesized('staging', 'database-contents'), 'Custom::SqlDatabase');
    const definitions = JSON.stringify(all(synthesized('staging', 'service'), 'AWS::ECS::TaskDefinition'));
    return { Roles, ExtraRoles, doctor: /"SQL_ROLES","Value":"([^"]*)"/.exec(definitions)?.[1] };
  };

  test('is reading everything by default, without a property for it', () => {
    expect(rolesIn(undefined)).toEqual({ Roles: undefined, ExtraRoles: [], doctor: 'db_datareader' });
  });

  test('is limited to its roles, which its doctor checks', () => {
    expect(rolesIn(['album_reader', 'curators'])).toEqual({
      Roles: ['album_reader', 'curators'],
      ExtraRoles: [],
      doctor: 'album_reader,curators',
    });
  });
});
