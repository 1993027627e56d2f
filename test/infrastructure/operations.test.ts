import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Deployment } from '../../lib/config/index.ts';
import { estates } from './estates.ts';
import { exampleDeployment, fullDeployment, type Synthesis, stackParts, synthesize } from './synthesize.ts';
import { all, only, type Resource, resources, type SynthesizedTemplate } from './template.ts';

const selfManaged = estates['a self-managed directory, which an instance of ours joins'] as () => Deployment;

/** The subject of the checks: templates of three deployments, and the runbook. */
interface Subject {
  readonly example: Synthesis;
  readonly full: Synthesis;
  readonly estate: Synthesis;
  readonly runbook: string;
}

const subject: Subject = {
  example: synthesize(exampleDeployment()),
  full: synthesize(fullDeployment()),
  estate: synthesize(selfManaged()),
  runbook: readFileSync(new URL('../../docs/operate.md', import.meta.url), 'utf8'),
};

const templatesOf = ({ example, full, estate }: Subject) =>
  [example, full, estate].flatMap((synthesis) => [...synthesis.templates]);
const alarmsOf = (looked: Subject) =>
  templatesOf(looked).flatMap(([, template]) => all(template, 'AWS::CloudWatch::Alarm'));
/** The anchors of the runbook's headings, as GitHub creates them. */
const anchorsOf = ({ runbook }: Subject) =>
  [...runbook.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
const linked = (description: string) => description.match(/\/docs\/operate\.md#([a-z-]+)$/)?.[1];

/** Each check throws if its title is not true. */
const checks: Readonly<Record<string, (looked: Subject) => void>> = {
  'An alarm ends with a link to a section of the runbook that exists': (looked) => {
    const anchors = anchorsOf(looked);
    expect(alarmsOf(looked).length).toBeGreaterThan(20);
    for (const { AlarmName, AlarmDescription } of alarmsOf(looked)) {
      const section = `${AlarmName}: docs/operate.md needs a section "### <id of the alarm>" that says what to do`;
      expect(anchors, section).toContain(linked(AlarmDescription));
      expect(AlarmDescription).toMatch(/What to do: https:\/\/github\.com\/example\//);
    }
  },

  'Every alarm has its own section in the runbook, and every section has an alarm': (looked) => {
    const [, section = ''] = looked.runbook.match(/^## When an alarm goes off$(.*?)^## /ms) ?? [];
    const headings = [...section.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading).sort();
    const names = alarmsOf(looked).map(({ AlarmDescription }) => linked(AlarmDescription));
    expect(headings, 'docs/operate.md, "When an alarm goes off": one section for each alarm').toEqual(
      [...new Set(names)].sort(),
    );
  },

  'An alarm notifies the topic when it fires and when it is over': (looked) => {
    for (const { AlarmActions, OKActions, ActionsEnabled = true } of alarmsOf(looked)) {
      expect(AlarmActions).toHaveLength(1);
      expect(OKActions).toEqual(AlarmActions);
      expect(ActionsEnabled).toBe(true);
    }
  },

  'CloudWatch may publish alarms to the topic, over TLS only': ({ example, full }) => {
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
  },

  ...Object.fromEntries(
    Object.entries({
      traffic: 'RequestCount',
      errors: 'HTTPCode_Target_5XX_Count',
      latency: 'TargetResponseTime',
      tasks: 'RunningTaskCount',
      'ticket seconds to expiry': 'SecondsToExpiry',
      renewals: 'RenewalFailures',
      'the database': 'DatabaseConnections',
    }).map(([what, metric]) => [
      `The dashboard shows ${what}`,
      (looked: Subject) => expect(dashboardOf(looked)).toContain(metric),
    ]),
  ),

  'The dashboard shows the state of every alarm of the environment': (looked) => {
    const { template } = looked.example;
    for (const part of stackParts) {
      for (const [id, { Properties }] of resources(template('production', part), 'AWS::CloudWatch::Alarm')) {
        const arn = part === 'service' ? `["${id}","Arn"]` : `:alarm:${Properties.AlarmName}`;
        const listed = `${Properties.AlarmName}: an alarm of an earlier stack is named in earlierAlarms of environment-dashboard.ts`;
        expect(dashboardOf(looked), listed).toContain(arn);
      }
    }
    expect(resources(template('production', 'service'), 'AWS::CloudWatch::Alarm').length).toBeGreaterThan(8);
  },

  'Logs are kept for the configured time': (looked) => {
    for (const [name, template] of templatesOf(looked)) {
      const days = name.includes('staging') ? 30 : 90;
      for (const { RetentionInDays } of all(template, 'AWS::Logs::LogGroup'))
        expect([days, 90]).toContain(RetentionInDays);
    }
  },

  'All logs are written to log groups of the template': (looked) => {
    for (const [, template] of templatesOf(looked)) {
      const groups = resources(template, 'AWS::Logs::LogGroup').map(([id]) => id);
      for (const { LoggingConfig } of all(template, 'AWS::Lambda::Function')) {
        expect(groups).toContain(LoggingConfig?.LogGroup?.Ref);
      }
      for (const { ContainerDefinitions } of all(template, 'AWS::ECS::TaskDefinition')) {
        for (const { LogConfiguration } of ContainerDefinitions)
          expect(groups).toContain(LogConfiguration?.Options['awslogs-group'].Ref);
      }
      for (const { LogsConfig } of all(template, 'AWS::CodeBuild::Project'))
        expect(groups).toContain(LogsConfig?.CloudWatchLogs.GroupName.Ref);
    }
  },

  'Tags name the deployment and environment': ({ example }) => {
    for (const [part, type] of [
      ['network', 'AWS::EC2::VPC'],
      ['network', 'AWS::EC2::VPCEndpoint'],
      ['network', 'AWS::ECS::Cluster'],
      ['directory', 'AWS::SecretsManager::Secret'],
      ['domain', 'AWS::SecretsManager::Secret'],
      ['database', 'AWS::RDS::DBInstance'],
      ['service', 'AWS::ECS::Service'],
      ['service', 'AWS::ElasticLoadBalancingV2::LoadBalancer'],
    ] as const) {
      for (const { Tags } of all(example.template('production', part), type)) {
        expect(tagsOf(Tags), type).toMatchObject({ application: 'windows-auth', environment: 'production' });
      }
    }
  },
};

const dashboardOf = ({ example }: Subject) =>
  JSON.stringify(only(example.template('production', 'service'), 'AWS::CloudWatch::Dashboard'));

function tagsOf(Tags: unknown): Record<string, string> {
  return Array.isArray(Tags)
    ? Object.fromEntries(Tags.map((tag) => [tag.Key ?? tag.key, tag.Value ?? tag.value]))
    : ((Tags ?? {}) as Record<string, string>);
}

test.each(Object.keys(checks))('%s', (name) => {
  checks[name]?.(subject);
});

/** The subject with one change in the templates of the example. */
function changed(
  part: (typeof stackParts)[number],
  change: (template: SynthesizedTemplate) => void,
): Subject {
  const template = structuredClone(subject.example.template('production', part));
  change(template);
  const { templates } = subject.example;
  const name = [...templates.keys()].find(
    (key) => templates.get(key) === subject.example.template('production', part),
  );
  const example: Synthesis = {
    templates: new Map([...templates, [name ?? '', template]]),
    template: (environment, other) =>
      environment === 'production' && other === part
        ? template
        : subject.example.template(environment, other),
  };
  return { ...subject, example };
}

/** Changes the first resource of a type. */
const first =
  (
    type: string,
    change: (properties: Resource['Properties'], id: string, template: SynthesizedTemplate) => void,
  ) =>
  (template: SynthesizedTemplate) => {
    const [[id = '', found] = []] = resources(template, type);
    if (!found) throw new Error(`There is no ${type} to change.`);
    change(found.Properties, id, template);
  };
const written = (change: (runbook: string) => string): Subject => ({
  ...subject,
  runbook: change(subject.runbook),
});
const alarm = 'AWS::CloudWatch::Alarm';
const withoutMetric = (metric: string) => () =>
  changed('service', (template) => {
    const [[id = ''] = []] = resources(template, 'AWS::CloudWatch::Dashboard');
    const body = JSON.stringify(template.Resources[id]).replaceAll(metric, 'Nothing');
    Object.assign(template.Resources, { [id]: JSON.parse(body) });
  });

const mutations: readonly [check: string, mutation: string, mutated: () => Subject][] = [
  [
    'An alarm ends with a link to a section of the runbook that exists',
    'a section that was renamed',
    () => written((runbook) => runbook.replace(/^### (\S+)$/m, '### $1 renamed')),
  ],
  [
    'An alarm ends with a link to a section of the runbook that exists',
    'an alarm without a link',
    () =>
      changed(
        'service',
        first(alarm, (properties) => {
          properties.AlarmDescription = 'Something is wrong.';
        }),
      ),
  ],
  [
    'Every alarm has its own section in the runbook, and every section has an alarm',
    'a section whose alarm is gone',
    () => written((runbook) => runbook.replace(/^## When an alarm goes off$/m, '$&\n\n### no-such-alarm\n')),
  ],
  [
    'An alarm notifies the topic when it fires and when it is over',
    'an alarm without actions',
    () =>
      changed(
        'database',
        first(alarm, (properties) => {
          properties.AlarmActions = [];
        }),
      ),
  ],
  [
    'An alarm notifies the topic when it fires and when it is over',
    'an alarm without an OK action',
    () =>
      changed(
        'domain',
        first(alarm, (properties) => {
          delete properties.OKActions;
        }),
      ),
  ],
  [
    'An alarm notifies the topic when it fires and when it is over',
    'an alarm that is switched off',
    () =>
      changed(
        'service',
        first(alarm, (properties) => {
          properties.ActionsEnabled = false;
        }),
      ),
  ],
  [
    'CloudWatch may publish alarms to the topic, over TLS only',
    'a topic that takes plain HTTP',
    () =>
      changed(
        'network',
        first('AWS::SNS::TopicPolicy', ({ PolicyDocument }) => {
          PolicyDocument.Statement.shift();
        }),
      ),
  ],
  [
    'CloudWatch may publish alarms to the topic, over TLS only',
    'a topic that alarms of other accounts may use',
    () =>
      changed(
        'network',
        first('AWS::SNS::TopicPolicy', ({ PolicyDocument }) => {
          delete PolicyDocument.Statement[1].Condition;
        }),
      ),
  ],
  ['The dashboard shows traffic', 'no requests', withoutMetric('RequestCount')],
  ['The dashboard shows errors', 'no errors', withoutMetric('HTTPCode_Target_5XX_Count')],
  ['The dashboard shows latency', 'no times', withoutMetric('TargetResponseTime')],
  ['The dashboard shows tasks', 'no tasks', withoutMetric('RunningTaskCount')],
  ['The dashboard shows ticket seconds to expiry', 'no ticket', withoutMetric('SecondsToExpiry')],
  ['The dashboard shows renewals', 'no renewals', withoutMetric('RenewalFailures')],
  ['The dashboard shows the database', 'no connections', withoutMetric('DatabaseConnections')],
  [
    'The dashboard shows the state of every alarm of the environment',
    'an alarm missing from the dashboard',
    () =>
      changed(
        'database',
        first(alarm, (properties, _, template) => {
          Object.assign(template.Resources, {
            Another: { Type: alarm, Properties: { ...properties, AlarmName: 'another' } },
          });
        }),
      ),
  ],
  [
    'Logs are kept for the configured time',
    'a log that is kept forever',
    () =>
      changed(
        'service',
        first('AWS::Logs::LogGroup', (properties) => {
          delete properties.RetentionInDays;
        }),
      ),
  ],
  [
    'All logs are written to log groups of the template',
    'a function that creates its own log group',
    () =>
      changed(
        'domain',
        first('AWS::Lambda::Function', (properties) => {
          delete properties.LoggingConfig;
        }),
      ),
  ],
  [
    'All logs are written to log groups of the template',
    'a container without a log',
    () =>
      changed(
        'service',
        first('AWS::ECS::TaskDefinition', ({ ContainerDefinitions }) => {
          delete ContainerDefinitions[0].LogConfiguration;
        }),
      ),
  ],
  [
    'All logs are written to log groups of the template',
    'a build that creates its own log group',
    () =>
      changed(
        'service',
        first('AWS::CodeBuild::Project', (properties) => {
          delete properties.LogsConfig;
        }),
      ),
  ],
  [
    'Tags name the deployment and environment',
    'a database without tags',
    () =>
      changed(
        'database',
        first('AWS::RDS::DBInstance', (properties) => {
          properties.Tags = [];
        }),
      ),
  ],
];

test.each(mutations)('%s: %s is found', (check, _, mutated) => {
  expect(() => checks[check]?.(mutated())).toThrow();
});

test('every check finds a mutation', () => {
  expect(new Set(mutations.map(([check]) => check))).toEqual(new Set(Object.keys(checks)));
});
