import { Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { namesOf, runbookSection } from '../../config/index.ts';
import type { Place } from '../common/stage-contract.ts';

/** Alarms about a service beside web that stand in the stacks of earlier stages. */
const earlierAlarms = ['directory-user-not-provisioned', 'login-not-provisioned'] as const;

export interface FurtherDashboardProps {
  readonly place: Place;
  /** The service's name, such as `worker`. */
  readonly service: string;
  readonly graphs: readonly { readonly title: string; readonly metrics: readonly IMetric[] }[];
}

/** One page on which a service beside web is seen: its alarms, and what it does. */
export class FurtherDashboard extends Construct {
  constructor(scope: Construct, id: string, { place, service, graphs }: FurtherDashboardProps) {
    super(scope, id);
    const { deployment, environment } = place;
    const { prefix } = namesOf(deployment, environment);
    const alarms = [
      ...Stack.of(this)
        .node.findAll()
        .filter((construct) => construct instanceof Alarm),
      ...earlierAlarms.map((name) => Alarm.fromAlarmName(this, name, `${prefix}-${service}-${name}`)),
    ];
    const widgets = graphs.map(
      ({ title, metrics }) => new GraphWidget({ title, left: [...metrics], width: 12, height: 6 }),
    );
    new Dashboard(this, 'Dashboard', {
      dashboardName: `${prefix}-${service}`,
      defaultInterval: Duration.hours(12),
      widgets: [
        [
          new TextWidget({
            markdown: `# ${service} in ${environment.name}\n[Runbook](${runbookSection(deployment, '')})`,
            width: 6,
            height: 4,
          }),
          new AlarmStatusWidget({ title: 'Alarms', alarms, width: 18, height: 4 }),
        ],
        widgets,
      ],
    });
  }
}
