import { describe, expect, test } from 'vitest';
import { exampleDeployment, synthesize } from './synthesize.ts';
import { all, only, resources } from './template.ts';

const { template } = synthesize(exampleDeployment());
const directory = template('production', 'directory');
const domain = template('production', 'domain');

describe('The directory', () => {
  const properties = only(directory, 'AWS::DirectoryService::MicrosoftAD');

  test('is the Standard edition of the configured domain, in two isolated subnets', () => {
    expect(properties).toMatchObject({ Edition: 'Standard', Name: 'corp.example.com', ShortName: 'CORP' });
    expect(properties.VpcSettings.SubnetIds).toHaveLength(2);
    for (const subnet of properties.VpcSettings.SubnetIds) expect(JSON.stringify(subnet)).toMatch(/isolated/);
  });

  test("takes its Admin's password from a generated secret, never from the template", () => {
    const [[secretId] = ['']] = resources(directory, 'AWS::SecretsManager::Secret');
    expect(properties.Password['Fn::Join'][1]).toEqual([
      '{{resolve:secretsmanager:',
      { Ref: secretId },
      ':SecretString:password::}}',
    ]);
  });

  test('is in a separate stack, so a failure of other resources during the first creation does not delete it', () => {
    const types = new Set(Object.values(directory.Resources).map(({ Type }) => Type));
    expect([...types].sort()).toEqual([
      'AWS::DirectoryService::MicrosoftAD',
      'AWS::SSM::Parameter',
      'AWS::SecretsManager::Secret',
    ]);
  });

  test('is kept when a protected environment is deleted, and only then', () => {
    const policyOf = (environment: string) =>
      resources(template(environment, 'directory'), 'AWS::DirectoryService::MicrosoftAD')[0]?.[1]
        .DeletionPolicy;
    expect(policyOf('production')).toBe('RetainExceptOnCreate');
    expect(policyOf('staging')).toBe('Delete');
  });

  test('is the DNS server of the VPC, which gets the time from AWS', () => {
    expect(only(domain, 'AWS::EC2::DHCPOptions')).toMatchObject({
      DomainName: 'corp.example.com',
      DomainNameServers: [0, 1].map((index) => ({
        'Fn::Select': [
          index,
          { 'Fn::Split': [',', { Ref: expect.stringMatching(/directorydnsaddresses/) }] },
        ],
      })),
      NtpServers: ['169.254.169.123'],
    });
    expect(resources(domain, 'AWS::EC2::VPCDHCPOptionsAssociation')).toHaveLength(1);
  });

  test('opens its Data API, forwards its security log and refuses RC4 and DES', () => {
    const resource = resources(domain, 'Custom::DirectorySettings')[0]?.[1];
    const settings: { Name: string; Value: string }[] = resource?.Properties.Settings;
    expect(settings.map(({ Name }) => Name)).toEqual(
      expect.arrayContaining(['RC4_40_128', 'RC4_56_128', 'RC4_64_128', 'RC4_128_128', 'DES_56_56']),
    );
    for (const { Value } of settings) expect(Value).toBe('Disable');
    expect(resource?.DependsOn).toContain(resources(domain, 'AWS::Logs::ResourcePolicy')[0]?.[0]);
  });

  test('may write only its security log', () => {
    const policy = JSON.stringify(only(domain, 'AWS::Logs::ResourcePolicy'));
    expect(policy).toContain('ds.amazonaws.com');
    expect(all(domain, 'AWS::Logs::LogGroup').map(({ LogGroupName }) => LogGroupName)).toContain(
      '/aws/directoryservice/windows-auth-production',
    );
    expect(policy).not.toContain('log-group:*');
  });
});

describe('The directory user', () => {
  test('is created after the Data API is enabled', () => {
    const [user] = resources(domain, 'Custom::DirectoryUser');
    const [settings] = resources(domain, 'Custom::DirectorySettings');
    expect(user?.[1].DependsOn).toContain(settings?.[0]);
    expect(user?.[1].Properties).toMatchObject({ Username: 'db-user', DomainName: 'corp.example.com' });
  });

  test("changes its password before the directory's policy would let it expire after 42 days", () => {
    const { RotationRules } = only(domain, 'AWS::SecretsManager::RotationSchedule');
    expect(RotationRules).toMatchObject({ ScheduleExpression: 'rate(30 days)' });
  });
});
