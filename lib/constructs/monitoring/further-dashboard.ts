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
import { type FurtherService, isProvisioned, namesOf, runbookSection } from '../../config/index.ts';
import type { EnvironmentContext } from '../common/stage-contract.ts';

/** Alarms about a further service in the stacks of earlier stages. */
function earlierAlarms({ environment }: EnvironmentContext, { user }: FurtherService): string[] {
  return [
    ...(user.secretArn === undefined ? ['directory-user-not-provisioned'] : []),
    ...(user.rotation === 'own-password' ? ['password-not-rotated'] : []),
    ...(isProvisioned(environment) ? ['login-not-provisioned'] : []),
  ];
}

export interface FurtherDashboardProps {
  readonly context: EnvironmentContext;
  readonly service: FurtherService;
  readonly graphs: readonly { readonly title: string; readonly metrics: readonly IMetric[] }[];
}

/** The dashboard of a further service: its alarms and graphs. */
export class FurtherDashboard extends Construct {
  constructor(scope: Construct, id: string, { context, service, graphs }: FurtherDashboardProps) {
    super(scope, id);
    const { deployment, environment } = context;
    const { name } = service;
    const { prefix } = namesOf(deployment, environment);
    const alarms = [
      ...Stack.of(this)
        .node.findAll()
        .filter((construct) => construct instanceof Alarm),
      ...earlierAlarms(context, service).map((alarm) =>
        Alarm.fromAlarmName(this, alarm, `${prefix}-${name}-${alarm}`),
      ),
    ];
    const widgets = graphs.map(
      ({ title, metrics }) => new GraphWidget({ title, left: [...metrics], width: 12, height: 6 }),
    );
    new Dashboard(this, 'Dashboard', {
      dashboardName: `${prefix}-${name}`,
      defaultInterval: Duration.hours(12),
      widgets: [
        [
          new TextWidget({
            markdown: `# ${name} in ${environment.name}\n[Runbook](${runbookSection(deployment, '')})`,
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
