import { CfnResource, Stack } from 'aws-cdk-lib';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, test } from 'vitest';
import { exampleDeployment, existingDeployment, fullDeployment, withApp } from './synthesize.ts';
import { validated } from './validated.ts';

/** AWS's own validator, which the CDK runs on each template: schemas, types, enums, references, limits. */
const validator = 'CloudFormation Validate';

describe.each([
  ['the example', validated(exampleDeployment())],
  ['everything switched on', validated(fullDeployment())],
  ['an estate that is there', validated(existingDeployment())],
])('Templates of %s', (_, { templates, report }) => {
  test('satisfy the schemas of CloudFormation without warnings', () => {
    expect(report.get(validator)).toMatchObject({ conclusion: 'success', violations: [] });
  });

  test('have no unacknowledged finding of cdk-nag', () => {
    expect(report.get('AwsSolutions')).toMatchObject({ conclusion: 'success', violations: [] });
  });

  test('cause no warnings of the CDK', () => {
    expect(report.get('Construct Annotations')?.violations ?? []).toEqual([]);
  });

  // The only limit that the validator does not check.
  test.each([...templates])('%s has a size that CloudFormation accepts', (_, template) => {
    expect(Buffer.byteLength(JSON.stringify(template))).toBeLessThanOrEqual(1_000_000);
  });
});

/** Synthesizes a stack with one resource. */
const stackWith = (type: string, properties: Record<string, unknown>) =>
  withApp((app) => {
    new CfnResource(new Stack(app, 'stack'), 'One', { type, properties });
    app.synth();
  });

/** Synthesizes a stack with many log groups. */
const stackOf = (number: number) =>
  withApp((app) => {
    const stack = new Stack(app, 'stack');
    for (let index = 0; index < number; index++)
      new CfnResource(stack, `Group${index}`, { type: 'AWS::Logs::LogGroup' });
    app.synth();
  });

/** A valid directory; each case below breaks one thing. */
const directory = {
  Name: 'corp.example.com',
  Password: '{{resolve:secretsmanager:admin:SecretString:password}}',
  VpcSettings: { VpcId: 'vpc-0123456789abcdef0', SubnetIds: ['subnet-0123456789abcdef0'] },
};
const directoryType = 'AWS::DirectoryService::MicrosoftAD';
const lambda = { Code: { ZipFile: '' }, Handler: 'index.handler', Runtime: 'nodejs24.x' };
const role = 'arn:aws:iam::111111111111:role/one';

describe('The gate', () => {
  test('accepts a valid template', () => {
    expect(() => stackWith(directoryType, directory)).not.toThrow();
  });

  test.each<[string, string, Record<string, unknown>, RegExp]>([
    ['a type that does not exist', 'AWS::S3::Bukket', {}, /Unknown resource type 'AWS::S3::Bukket'/],
    [
      'a property that does not exist',
      directoryType,
      { ...directory, Colour: 'blue' },
      /'Colour' was unexpected/,
    ],
    [
      'a property that is missing',
      directoryType,
      { ...directory, VpcSettings: undefined },
      /'VpcSettings' is a required property/,
    ],
    [
      'a value of a wrong type',
      directoryType,
      { ...directory, VpcSettings: 'none' },
      /'none' is not of type 'object'/,
    ],
    [
      'a value that is not allowed',
      'AWS::S3::Bucket',
      { ObjectLockConfiguration: { ObjectLockEnabled: 'Perhaps' } },
      /"Enabled" was expected/,
    ],
    [
      'a value in a wrong format',
      'AWS::Lambda::Function',
      { ...lambda, Role: 'nobody' },
      /'nobody' does not match pattern/,
    ],
    [
      'a number out of bounds',
      'AWS::Lambda::Function',
      { ...lambda, Role: role, Timeout: 901 },
      /901 exceeds maximum 900/,
    ],
    [
      'a reference to a missing resource',
      directoryType,
      { ...directory, Name: { Ref: 'Nothing' } },
      /'Nothing' is not one of/,
    ],
    [
      'an attribute that does not exist',
      directoryType,
      { ...directory, Name: { 'Fn::GetAtt': ['One', 'Colour'] } },
      /'Colour' is not one of/,
    ],
    [
      'incompatible sizes',
      'AWS::ECS::TaskDefinition',
      {
        Cpu: '256',
        Memory: '8192',
        NetworkMode: 'awsvpc',
        RequiresCompatibilities: ['FARGATE'],
        ContainerDefinitions: [{ Name: 'one', Image: 'one' }],
      },
      /Cpu '256' is not compatible with Memory '8192'/,
    ],
  ])('refuses %s', (_, type, properties, message) => {
    expect(() => stackWith(type, properties)).toThrow(message);
  });

  test('refuses more resources than a template may have', () => {
    expect(() => stackOf(501)).toThrow(/maximum is 500|501/);
  });

  test('refuses findings of cdk-nag', () => {
    const stackWithBucket = () =>
      withApp((app) => {
        new CfnBucket(new Stack(app, 'stack'), 'Bucket');
        app.synth();
      });
    expect(stackWithBucket).toThrow(/AwsSolutions::AwsSolutions-S10/);
  });
});
