import { describe, expect, test } from 'vitest';
import { exampleDeployment, synthesize } from './synthesize.ts';
import { all, resources } from './template.ts';

const { template } = synthesize(exampleDeployment());
const domain = template('production', 'domain');
const contents = template('production', 'database-contents');
const described = (stack: typeof domain, text: RegExp) =>
  resources(stack, 'AWS::Lambda::Function').filter(([, { Properties }]) => text.test(Properties.Description));
const functions = [
  ['Creates and deletes the directory user', domain],
  ['Rotates the passwords of the directory users', domain],
  ['Makes the database, its data and the Windows login', contents],
] as const;

describe.each(functions)('The function "%s"', (description, stack) => {
  const [[id, { Properties: properties }] = ['', { Properties: {} }]] = described(
    stack,
    new RegExp(`^${description}$`),
  );

  test('exists with a pinned runtime and its own log group, whose logs expire', () => {
    expect(properties.Runtime).toBe('nodejs24.x');
    const { LogGroup, LogFormat } = properties.LoggingConfig;
    expect(LogFormat).toBe('JSON');
    const users = all(stack, 'AWS::Lambda::Function').filter(
      ({ LoggingConfig }) => LoggingConfig?.LogGroup?.Ref === LogGroup.Ref,
    );
    expect(users).toHaveLength(1);
    const [[, group] = []] = resources(stack, 'AWS::Logs::LogGroup').filter(([key]) => key === LogGroup.Ref);
    expect(group?.Properties.RetentionInDays).toBeGreaterThan(0);
  });

  test('has a dead-letter queue, and an alarm watches both', () => {
    const queue = properties.DeadLetterConfig.TargetArn['Fn::GetAtt'][0];
    const watching = all(stack, 'AWS::CloudWatch::Alarm').filter(({ Metrics }) => {
      const text = JSON.stringify(Metrics ?? []);
      return text.includes(`"Ref":"${id}"`) && text.includes(`"${queue}","QueueName"`);
    });
    expect(watching).toHaveLength(1);
    expect(watching[0]).toMatchObject({ Threshold: 1, EvaluationPeriods: 1 });
    expect(watching[0]?.AlarmActions).toHaveLength(1);
  });

  test('has no password in its environment', () => {
    expect(JSON.stringify(properties.Environment ?? {})).not.toMatch(/resolve:secretsmanager|SecretString/);
  });
});

// CloudFormation calls the function asynchronously: Lambda retries a failed call after one minute and again after two
// more.
test.each([
  ['Custom::DirectoryUser', domain, /directory user$/],
  ['Custom::SqlDatabase', contents, /Windows login$/],
] as const)(
  'CloudFormation waits for %s long enough for three calls of its function',
  (type, stack, text) => {
    const [[, { Properties: functionProperties }] = ['', { Properties: {} }]] = described(stack, text);
    const [[, { Properties: properties }] = ['', { Properties: {} }]] = resources(stack, type);
    expect(functionProperties.Timeout).toBeGreaterThanOrEqual(60);
    expect(functionProperties.Timeout).toBeLessThanOrEqual(900);
    expect(Number(properties.ServiceTimeout)).toBeGreaterThanOrEqual(3 * functionProperties.Timeout + 180);
    expect(Number(properties.ServiceTimeout)).toBeLessThanOrEqual(3600);
  },
);

test('the rotation is retried by Secrets Manager, and its timeout is shorter than the retry interval', () => {
  const [[, { Properties: properties }] = ['', { Properties: {} }]] = described(domain, /^Rotates/);
  expect(properties.Timeout).toBeGreaterThanOrEqual(120);
  expect(properties.Timeout).toBeLessThanOrEqual(300);
});
