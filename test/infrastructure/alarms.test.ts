import { ticketMetrics } from '@packages/contracts';
import { describe, expect, test } from 'vitest';
import { evaluate } from './metric-math.ts';
import { exampleDeployment, fullDeployment, synthesize } from './synthesize.ts';
import { all, type only, resources, type SynthesizedTemplate } from './template.ts';

const GiB = 1024 ** 3;
const day = 86_400;

interface Sent {
  /** The dimensions with which the metric is sent; an alarm on others sees no data. */
  readonly dimensions: readonly string[];
  /** A value that indicates a problem, and one that does not. */
  readonly wrong: number;
  readonly fine: number;
}

const balancer = ['LoadBalancer'];
const ticket = [ticketMetrics.dimension];

/**
 * The metrics that are actually sent. AWS metrics follow the AWS documentation. Those of our programs follow the code:
 * the sidecar's are in its contract, and metric filters extract the others from logs.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-container-insights.html
 */
const sent: Readonly<Record<string, Sent>> = {
  'AWS/RDS CPUUtilization': { dimensions: ['DBInstanceIdentifier'], wrong: 99, fine: 20 },
  'AWS/RDS FreeStorageSpace': { dimensions: ['DBInstanceIdentifier'], wrong: GiB, fine: 15 * GiB },
  // A function that throws. A failure that it reports to CloudFormation is not an error of the function.
  'AWS/Lambda Errors': { dimensions: ['FunctionName'], wrong: 1, fine: 0 },
  // Failed events, in a queue that is configured as their dead-letter queue.
  'AWS/SQS ApproximateNumberOfMessagesVisible': { dimensions: ['QueueName'], wrong: 1, fine: 0 },
  'AWS/States ExecutionsFailed': { dimensions: ['StateMachineArn'], wrong: 1, fine: 0 },
  'AWS/States ExecutionsAborted': { dimensions: ['StateMachineArn'], wrong: 1, fine: 0 },
  'AWS/ApplicationELB RequestCount': { dimensions: balancer, wrong: 100, fine: 100 },
  'AWS/ApplicationELB HTTPCode_Target_5XX_Count': { dimensions: balancer, wrong: 20, fine: 0 },
  'AWS/ApplicationELB HTTPCode_ELB_5XX_Count': { dimensions: balancer, wrong: 20, fine: 0 },
  'AWS/ApplicationELB TargetResponseTime': { dimensions: balancer, wrong: 10, fine: 0.1 },
  'AWS/ApplicationELB UnHealthyHostCount': { dimensions: [...balancer, 'TargetGroup'], wrong: 1, fine: 0 },
  'ECS/ContainerInsights RunningTaskCount': { dimensions: ['ClusterName', 'ServiceName'], wrong: 0, fine: 9 },
  'TicketSidecar Unhealthy': { dimensions: ticket, wrong: 1, fine: 0 },
  'TicketSidecar SecondsToExpiry': { dimensions: ticket, wrong: 600, fine: 30_000 },
  'TicketSidecar RenewalFailures': { dimensions: ticket, wrong: 1, fine: 0 },
  'TicketSidecar PasswordSecondsToExpiry': { dimensions: ticket, wrong: day, fine: 30 * day },
  'TicketSidecar WeakEncryption': { dimensions: ticket, wrong: 1, fine: 0 },
  'TicketSidecar ClockOffsetSeconds': { dimensions: ticket, wrong: 90, fine: 1 },
};

/**
 * Further metrics on dashboards, by their AWS names; see the pages above, and
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
 */
const shown = [
  'AWS/RDS DatabaseConnections',
  'AWS/RDS FreeableMemory',
  'AWS/RDS ReadLatency',
  'AWS/RDS WriteLatency',
  'AWS/ECS CPUUtilization',
  'AWS/ECS MemoryUtilization',
  'AWS/ApplicationELB HealthyHostCount',
  'ECS/ContainerInsights RestartCount',
  'AWS/States ExecutionsStarted',
  'AWS/States ExecutionsSucceeded',
  'AWS/States ExecutionTime',
];

interface Query {
  readonly Id: string;
  readonly Expression?: string;
  readonly MetricStat?: { readonly Metric: Metric };
}
interface Metric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: unknown }[];
}

const templates = [exampleDeployment(), fullDeployment()].flatMap((deployment) => [
  ...synthesize(deployment).templates,
]);
const alarms = templates.flatMap(([stack, template]) =>
  all(template, 'AWS::CloudWatch::Alarm').map((alarm) => ({ name: alarm.AlarmName, alarm, stack, template })),
);

function queriesOf(alarm: Metric & { readonly Metrics?: readonly Query[] }): readonly Query[] {
  return alarm.Metrics ?? [{ Id: 'm', MetricStat: { Metric: alarm } }];
}

/** The sender of a metric: the table above, or a filter of the same template; undefined if nothing sends it. */
function senderOf({ Namespace, MetricName, Dimensions = [] }: Metric, template: SynthesizedTemplate) {
  const filters = all(template, 'AWS::Logs::MetricFilter').flatMap((filter) => filter.MetricTransformations);
  const filtered = filters.some(
    (made) => made.MetricNamespace === Namespace && made.MetricName === MetricName,
  );
  const known = filtered ? { dimensions: [], wrong: 1, fine: 0 } : sent[`${Namespace} ${MetricName}`];
  const names = Dimensions.map(({ Name }) => Name).sort();
  return known && names.join() === [...known.dimensions].sort().join() ? known : undefined;
}

function goesOff(
  { alarm, template }: Pick<(typeof alarms)[number], 'alarm' | 'template'>,
  state: 'wrong' | 'fine',
): boolean {
  const values: Record<string, number> = {};
  let result = Number.NaN;
  for (const { Id, MetricStat } of queriesOf(alarm)) {
    const sender = MetricStat && senderOf(MetricStat.Metric, template);
    if (sender) result = values[Id] = sender[state];
  }
  const { Expression } = queriesOf(alarm).find((query) => query.Expression) ?? {};
  if (Expression) result = evaluate(Expression, values);
  const compare: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
    GreaterThanThreshold: (value, threshold) => value > threshold,
    GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
    LessThanThreshold: (value, threshold) => value < threshold,
  };
  return compare[alarm.ComparisonOperator]?.(result, alarm.Threshold) ?? false;
}

test('a dashboard shows only metrics that are sent', () => {
  const bodies = templates
    .flatMap(([, template]) => all(template, 'AWS::CloudWatch::Dashboard'))
    .map(({ DashboardBody }) => JSON.stringify(DashboardBody).replaceAll('\\', ''));
  const names = bodies.flatMap((body) =>
    [...body.matchAll(/\["([\w/]+)","(\w+)","/g)].map(([, namespace, name]) => `${namespace} ${name}`),
  );
  const counted = ticketMetrics.counters.map((name) => `${ticketMetrics.namespace} ${name}`);
  const gauged = ticketMetrics.gauges.map((name) => `${ticketMetrics.namespace} ${name}`);
  const known = [...Object.keys(sent), ...shown, ...counted, ...gauged];
  expect([...new Set(names)].filter((name) => !known.includes(name))).toEqual([]);
  expect(
    shown.filter((name) => !names.includes(name)),
    'shown by no dashboard any more',
  ).toEqual([]);
});

describe.each(alarms)('$name', ({ alarm, template }) => {
  test('uses metrics that are sent, with exactly these dimensions', () => {
    for (const { MetricStat } of queriesOf(alarm)) {
      const unknown = `no line of \`sent\` in this file has ${JSON.stringify(MetricStat)}: who sends it, and with what values?`;
      if (MetricStat) expect(senderOf(MetricStat.Metric, template), unknown).toBeDefined();
    }
  });

  test('goes off if something is wrong, and not otherwise', () => {
    const states = [goesOff({ alarm, template }, 'wrong'), goesOff({ alarm, template }, 'fine')];
    expect(states, 'by threshold, comparison, and the values of the line of `sent`').toEqual([true, false]);
  });
});

describe('Prerequisites of the metrics', () => {
  test('the sidecar sends all its metrics', () => {
    const wanted = Object.keys(sent).filter((name) => name.startsWith(`${ticketMetrics.namespace} `));
    const { counters, gauges, namespace } = ticketMetrics;
    const names = [...counters, ...gauges].map((name) => `${namespace} ${name}`);
    for (const name of wanted) expect(names).toContain(name);
  });

  test('Container Insights is switched on in every cluster', () => {
    const clusters = templates.flatMap(([, template]) => all(template, 'AWS::ECS::Cluster'));
    expect(clusters.length).toBeGreaterThan(0);
    for (const { ClusterSettings } of clusters) {
      expect(ClusterSettings).toEqual([{ Name: 'containerInsights', Value: 'enabled' }]);
    }
  });

  test.each(templates)('every queue of %s is the dead-letter queue of something', (_, template) => {
    for (const [id] of resources(template, 'AWS::SQS::Queue')) {
      const others = Object.entries(template.Resources).filter(
        ([, { Type }]) => !Type.startsWith('AWS::SQS::'),
      );
      expect(JSON.stringify(others)).toMatch(
        new RegExp(`"(TargetArn|Arn)":\\{"Fn::GetAtt":\\["${id}","Arn"\\]\\}`),
      );
    }
  });

  test.each(templates)(
    'every filter of %s reads a log that is written, for text that is written',
    (_, template) => {
      for (const { LogGroupName, FilterPattern } of all(template, 'AWS::Logs::MetricFilter')) {
        const writers = [
          ...all(template, 'AWS::Lambda::Function').map(({ LoggingConfig }) => LoggingConfig?.LogGroup?.Ref),
          ...all(template, 'AWS::ECS::TaskDefinition').flatMap(({ ContainerDefinitions }) =>
            ContainerDefinitions.map(
              (container: { LogConfiguration: { Options: Record<string, { Ref: string }> } }) =>
                container.LogConfiguration.Options['awslogs-group']?.Ref,
            ),
          ),
        ];
        expect(writers).toContain(LogGroupName.Ref);
        // Lambda logs the level in capitals; services/web/src/app.test.ts checks web's log line.
        expect([
          '{ $.level = "ERROR" }',
          '{ $.msg = "the database cannot be reached" }',
          '{ ($.msg = "the database cannot be reached") || ($.msg = "the database refuses the work") || ($.msg = "the work failed") }',
        ]).toContain(FilterPattern);
      }
    },
  );
});

describe('An alarm that cannot fire is found:', () => {
  const [, template] = templates.find(([name]) => name === 'windows-auth-production-service') ?? [];
  if (!template) throw new Error('There is no service.');
  const alarmOf = (name: string) =>
    structuredClone(
      all(template, 'AWS::CloudWatch::Alarm').find(({ AlarmName }) => AlarmName.endsWith(name)),
    );

  test.each<[string, string, (alarm: ReturnType<typeof only>) => void]>([
    [
      'a metric that does not exist',
      'too-few-tasks',
      ({ Metrics }) => {
        Metrics[0].MetricStat.Metric.MetricName = 'RunningTasks';
      },
    ],
    [
      'other dimensions',
      'no-ticket',
      ({ Metrics }) => {
        Metrics[0].MetricStat.Metric.Dimensions.push({ Name: 'Task', Value: '1' });
      },
    ],
    [
      'the wrong direction',
      'ticket-expires',
      (alarm) => {
        alarm.ComparisonOperator = 'GreaterThanThreshold';
      },
    ],
    [
      'an unreachable threshold',
      'many-errors',
      (alarm) => {
        alarm.Threshold = 101;
      },
    ],
    [
      'a filter that creates another metric',
      'database-unreachable',
      (alarm) => {
        alarm.MetricName = 'other';
      },
    ],
  ])('%s', (_, name, mutate) => {
    const alarm = alarmOf(name);
    expect(goesOff({ alarm, template }, 'wrong')).toBe(true);
    mutate(alarm);
    expect(goesOff({ alarm, template }, 'wrong') && !goesOff({ alarm, template }, 'fine')).toBe(false);
  });
});

test.each<[string, Parameters<typeof exampleDeployment>[0]]>([
  [
    'the longest URL of a runbook',
    (input) => {
      input.runbookUrl = `https://example.com/${'x'.repeat(492)}`;
    },
  ],
  [
    'the longest repository and branch',
    (input) => {
      const connectionArn = 'arn:aws:codeconnections:eu-central-1:111111111111:connection/0';
      const repository = `owner/${'x'.repeat(249)}`;
      input.source = { type: 'connection', connectionArn, repository, branch: 'y'.repeat(250) };
    },
  ],
])('The description of every alarm fits into CloudWatch with %s', (_, change) => {
  const descriptions = [...synthesize(exampleDeployment(change)).templates.values()].flatMap((template) =>
    all(template, 'AWS::CloudWatch::Alarm').map(({ AlarmDescription }) => String(AlarmDescription)),
  );
  expect(descriptions.length).toBeGreaterThan(10);
  expect(descriptions.filter(({ length }) => length > 1024)).toEqual([]);
});
