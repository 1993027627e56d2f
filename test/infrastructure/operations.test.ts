import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { exampleDeployment, fullDeployment, stackParts, synthesize } from './synthesize.ts';
import { all, only, resources, type SynthesizedTemplate } from './template.ts';

const example = synthesize(exampleDeployment());
const full = synthesize(fullDeployment());
const templates = [example, full].flatMap((synthesis) => [...synthesis.templates]);
const parts = stackParts;

const runbook = readFileSync(new URL('../../docs/operate.md', import.meta.url), 'utf8');
/** The anchors of the runbook's headings, as GitHub makes them. */
const anchors = [...runbook.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-'),
);
const alarms = templates.flatMap(([, template]) => all(template, 'AWS::CloudWatch::Alarm'));
const linked = (description: string) => description.match(/\/docs\/operate\.md#([a-z-]+)$/)?.[1];

describe('An alarm', () => {
  test('ends with a link to a section of the runbook that exists', () => {
    expect(alarms.length).toBeGreaterThan(20);
    for (const { AlarmName, AlarmDescription } of alarms) {
      expect(anchors, `section of ${AlarmName}`).toContain(linked(AlarmDescription));
      expect(AlarmDescription).toMatch(/What to do: https:\/\/github\.com\/example\//);
    }
  });

  test('has a section of its own: none stands in the runbook for nothing', () => {
    const [, section = ''] = runbook.match(/^## When an alarm goes off$(.*?)^## /ms) ?? [];
    const headings = [...section.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading).sort();
    const names = alarms.map(({ AlarmDescription }) => linked(AlarmDescription));
    expect(headings).toEqual([...new Set(names)].sort());
  });

  test('tells the topic when it goes off, and when it is over', () => {
    for (const { AlarmActions, OKActions } of alarms) {
      expect(AlarmActions).toHaveLength(1);
      expect(OKActions).toEqual(AlarmActions);
    }
  });

  test('reaches the topic, which CloudWatch may publish to, over TLS alone', () => {
    const statements = only(example.template('production', 'network'), 'AWS::SNS::TopicPolicy').PolicyDocument
      .Statement;
    expect(statements).toEqual([
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      expect.objectContaining({
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: 'sns:Publish',
        Condition: { StringEquals: { 'aws:SourceAccount': '333333333333' } },
      }),
    ]);
    expect(only(full.template('staging', 'network'), 'AWS::SNS::Subscription')).toMatchObject({
      Protocol: 'email',
      Endpoint: 'operators@example.com',
    });
  });
});

describe('The dashboard', () => {
  const body = JSON.stringify(only(example.template('production', 'service'), 'AWS::CloudWatch::Dashboard'));

  test.each([
    ['traffic', 'RequestCount'],
    ['errors', 'HTTPCode_Target_5XX_Count'],
    ['latency', 'TargetResponseTime'],
    ['tasks', 'RunningTaskCount'],
    ['ticket seconds to expiry', 'SecondsToExpiry'],
    ['renewals', 'RenewalFailures'],
    ['the database', 'DatabaseConnections'],
  ])('shows %s', (_, metric) => {
    expect(body).toContain(metric);
  });

  test('shows the state of every alarm of the environment', () => {
    const { template } = example;
    const service = template('production', 'service');
    for (const part of parts) {
      for (const [id, { Properties }] of resources(template('production', part), 'AWS::CloudWatch::Alarm')) {
        expect(body).toContain(part === 'service' ? `["${id}","Arn"]` : `:alarm:${Properties.AlarmName}`);
      }
    }
    expect(resources(service, 'AWS::CloudWatch::Alarm').length).toBeGreaterThan(8);
  });
});

describe('Logs', () => {
  test.each(templates)('of %s are kept for the configured time', (name, template) => {
    const days = name.includes('staging') ? 30 : 90;
    for (const { RetentionInDays } of all(template, 'AWS::Logs::LogGroup'))
      expect([days, 90]).toContain(RetentionInDays);
  });

  test.each(templates)('of %s are all written to groups of the template', (_, template) => {
    const groups = resources(template, 'AWS::Logs::LogGroup').map(([id]) => id);
    for (const { LoggingConfig } of all(template, 'AWS::Lambda::Function')) {
      expect(groups).toContain(LoggingConfig?.LogGroup?.Ref);
    }
    for (const { ContainerDefinitions } of all(template, 'AWS::ECS::TaskDefinition')) {
      for (const { LogConfiguration } of ContainerDefinitions)
        expect(groups).toContain(LogConfiguration.Options['awslogs-group'].Ref);
    }
    for (const { LogsConfig } of all(template, 'AWS::CodeBuild::Project'))
      expect(groups).toContain(LogsConfig.CloudWatchLogs.GroupName.Ref);
  });
});

describe('Tags', () => {
  const tagsOf = (Tags: unknown): Record<string, string> =>
    Array.isArray(Tags)
      ? Object.fromEntries(Tags.map((tag) => [tag.Key ?? tag.key, tag.Value ?? tag.value]))
      : ((Tags ?? {}) as Record<string, string>);

  test.each([
    ['network', 'AWS::EC2::VPC'],
    ['network', 'AWS::EC2::VPCEndpoint'],
    ['network', 'AWS::ECS::Cluster'],
    ['directory', 'AWS::SecretsManager::Secret'],
    ['domain', 'AWS::SecretsManager::Secret'],
    ['database', 'AWS::RDS::DBInstance'],
    ['service', 'AWS::ECS::Service'],
    ['service', 'AWS::ElasticLoadBalancingV2::LoadBalancer'],
  ] as const)('of the %s stack say of %s whose it is', (part, type) => {
    const template: SynthesizedTemplate = example.template('production', part);
    for (const { Tags } of all(template, type)) {
      expect(tagsOf(Tags)).toMatchObject({ application: 'windows-auth', environment: 'production' });
    }
  });
});
