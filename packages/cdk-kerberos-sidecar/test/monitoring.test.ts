import { Template } from 'aws-cdk-lib/assertions';
import { Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { expect, test } from 'vitest';
import { ticketAlarms, ticketWidgets } from '../src/index.ts';
import { addApplication, containersOf, exampleSidecar, exampleStack, exampleTask } from './example-task.ts';

function monitored(props: Parameters<typeof exampleSidecar>[1] = {}) {
  const stack = exampleStack();
  const task = exampleTask(stack, { family: 'shop' });
  const kerberos = exampleSidecar(stack, props);
  task.addExtension(kerberos);
  kerberos.serve(addApplication(task));
  return { stack, kerberos };
}

const sent = ({ Environment }: { Environment: { Name: string; Value: string }[] }) =>
  Object.fromEntries(Environment.map(({ Name, Value }) => [Name, Value]));

test.each([
  [{}, { namespace: 'TicketSidecar', service: 'shop' }],
  [
    { serviceName: 'shop-web', metricsNamespace: 'Shop/Tickets' },
    { namespace: 'Shop/Tickets', service: 'shop-web' },
  ],
])('alarms look at what the sidecar sends (%o)', (props, { namespace, service }) => {
  const { stack, kerberos } = monitored(props);
  const topic = new Topic(stack, 'Topic');
  const made = kerberos.addAlarms(stack, { actions: [new SnsAction(topic)] });
  expect(Object.keys(made)).toEqual(Object.keys(ticketAlarms));
  const { METRICS_NAMESPACE, SERVICE_NAME } = sent(containersOf(stack).kerberos);
  expect({ namespace: METRICS_NAMESPACE, service: SERVICE_NAME }).toEqual({ namespace, service });
  const alarms = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm'));
  expect(alarms).toHaveLength(Object.keys(ticketAlarms).length);
  for (const { Properties } of alarms) {
    expect(Properties).toMatchObject({
      Metrics: [
        {
          MetricStat: {
            Metric: { Namespace: namespace, Dimensions: [{ Name: 'Service', Value: service }] },
          },
        },
      ],
      AlarmActions: [{ Ref: expect.stringMatching(/^Topic/) }],
      OKActions: [{ Ref: expect.stringMatching(/^Topic/) }],
    });
    expect(Properties.AlarmDescription).toMatch(new RegExp(`^${service}: [A-Z].+\\.$`));
  }
});

test('alarms can be created without actions', () => {
  const { stack, kerberos } = monitored();
  kerberos.addAlarms(stack);
  Template.fromStack(stack).resourceCountIs('AWS::CloudWatch::Alarm', Object.keys(ticketAlarms).length);
});

function dashboardBody(): string {
  const { stack, kerberos } = monitored();
  new Dashboard(stack, 'Dashboard', { widgets: [ticketWidgets(kerberos.metrics)] });
  const [dashboard] = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard'));
  return JSON.stringify(dashboard?.Properties.DashboardBody);
}

test('each metric is on a graph or has an alarm', () => {
  const body = dashboardBody();
  const alarmed: string[] = Object.values(ticketAlarms).map(({ metric }) => metric);
  const unseen = Object.entries(monitored().kerberos.metrics).filter(
    ([name, { metricName }]) => !alarmed.includes(name) && !body.includes(`\\"${metricName}\\"`),
  );
  expect(
    Object.keys(Object.fromEntries(unseen)),
    'give it a place in ticket-widgets.ts, or an alarm',
  ).toEqual([]);
});

test('graphs for a dashboard show them', () => {
  const body = dashboardBody();
  for (const name of ['SecondsToExpiry', 'Renewals', 'RenewalFailures', 'Unhealthy']) {
    expect(body).toContain(`\\"TicketSidecar\\",\\"${name}\\",\\"Service\\",\\"shop\\"`);
  }
});
