import { Stack } from 'aws-cdk-lib';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, test } from 'vitest';
import { exampleDeployment, fullDeployment, synthesize, withApp } from './synthesize.ts';

/** AWS's own validator, which the CDK runs over each template: schemas, types, enums, references, limits. */
const validator = 'CloudFormation Validate';

describe.each([
  ['the example', exampleDeployment()],
  ['everything switched on', fullDeployment()],
])('Templates of %s', (_, deployment) => {
  const { templates, report } = synthesize(deployment);

  test('satisfy the schemas of CloudFormation, with nothing to warn about', () => {
    expect(report.get(validator)).toMatchObject({ conclusion: 'success', violations: [] });
  });

  test('have no finding of cdk-nag that nobody has acknowledged', () => {
    expect(report.get('AwsSolutions')).toMatchObject({ conclusion: 'success', violations: [] });
  });

  test('give the CDK nothing to warn about', () => {
    expect(report.get('Construct Annotations')?.violations ?? []).toEqual([]);
  });

  test.each([...templates])("%s is within CloudFormation's limits", (_, template) => {
    expect(JSON.stringify(template).length).toBeLessThan(1_000_000);
    expect(Object.keys(template.Resources).length).toBeLessThanOrEqual(500);
    expect(Object.keys(template.Parameters ?? {}).length).toBeLessThanOrEqual(200);
    expect(Object.keys(template.Outputs ?? {}).length).toBeLessThanOrEqual(200);
  });
});

/** Synthesizes a bucket with one property, which is not what it must be. */
const bucketWith = (property: string, value: unknown) => () =>
  withApp((app) => {
    new CfnBucket(new Stack(app, 'stack'), 'Bucket').addPropertyOverride(property, value);
    app.synth();
  });

describe('The gate', () => {
  test.each([
    ['a property that does not exist', 'Colour', 'blue', /Colour.*CloudFormation Validate/],
    ['a value of a wrong type', 'LifecycleConfiguration', 'none', /'none' is not of type 'object'/],
    ['a value that is not allowed', 'ObjectLockConfiguration', { ObjectLockEnabled: 'Perhaps' }, /'Perhaps'/],
    ['a reference to nothing', 'BucketName', { Ref: 'Nothing' }, /'Nothing' is not one of/],
  ])('refuses %s', (_, property, value, message) => {
    expect(bucketWith(property, value)).toThrow(message);
  });

  test('refuses what cdk-nag finds', () => {
    expect(bucketWith('BucketName', 'a-bucket')).toThrow(/AwsSolutions::AwsSolutions-S10/);
  });
});
