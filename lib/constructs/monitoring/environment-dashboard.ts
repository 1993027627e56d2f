import { Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IAlarm,
  type IMetric,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { ticketWidgets } from 'cdk-kerberos-sidecar';
import { Construct } from 'constructs';
import {
  directoryUserOf,
  furtherServices,
  hasOwnDatabase,
  isProvisioned,
  namesOf,
  runbookSection,
} from '../../config/index.ts';
import type { EnvironmentContext } from '../common/stage-contract.ts';
import { databaseAlarmNames } from './database-alarms.ts';
import { databaseMetrics } from './database-metrics.ts';
import type { ServiceMetrics } from './service-metrics.ts';

/** Alarms in the stacks of earlier stages. */
function earlierAlarms(context: EnvironmentContext): string[] {
  return [
    'directory-settings-not-made',
    ...userAlarms(context),
    ...(isProvisioned(context.environment) ? ['database-not-provisioned'] : []),
    ...(hasOwnDatabase(context.environment) ? databaseAlarmNames : []),
  ];
}

function userAlarms({ deployment, environment }: EnvironmentContext): string[] {
  const web = directoryUserOf(deployment, environment);
  const others = furtherServices(deployment, environment).map(({ user }) => user);
  return [
    ...(web.secretArn === undefined ? ['directory-user-not-provisioned'] : []),
    // One function rotates the passwords of all users that are created here.
    ...([web, ...others].some(({ secretArn }) => secretArn === undefined) ? ['password-not-rotated'] : []),
    ...(web.rotation === 'own-password' ? ['web-password-not-rotated'] : []),
  ];
}

export interface EnvironmentDashboardProps {
  readonly context: EnvironmentContext;
  readonly service: ServiceMetrics;
  readonly url: string;
}

/** The dashboard of an environment: alarms, traffic, errors, latency, tasks, tickets, and the database if it is ours. */
export class EnvironmentDashboard extends Construct {
  constructor(scope: Construct, id: string, { context, service, url }: EnvironmentDashboardProps) {
    super(scope, id);
    const { deployment, environment } = context;
    const graph = (title: string, left: IMetric[], right: IMetric[] = []) =>
      new GraphWidget({ title, left, right, width: 12, height: 6 });
    const database = hasOwnDatabase(environment) && databaseMetrics(environment);
    new Dashboard(this, 'Dashboard', {
      dashboardName: namesOf(deployment, environment).prefix,
      defaultInterval: Duration.hours(12),
      widgets: [
        [
          new TextWidget({
            markdown: `# ${environment.name}\n[Service](${url}) · [Runbook](${runbookSection(deployment, '')})`,
            width: 6,
            height: 4,
          }),
          new AlarmStatusWidget({ title: 'Alarms', alarms: this.#alarms(context), width: 18, height: 4 }),
        ],
        [
          graph('Traffic', [service.requests]),
          graph('Errors', [service.targetErrors, service.balancerErrors], [service.errorPercent]),
        ],
        [
          graph('Latency, seconds', [service.latencyMedian, service.latencyTail]),
          graph('Tasks', [
            service.runningTasks,
            ...service.healthyTargets,
            ...service.unhealthyTargets,
            service.restarts,
          ]),
        ],
        ticketWidgets(service.ticket),
        [
          graph('Tasks: CPU and memory', [service.cpu, service.memory]),
          ...(database
            ? [graph('Database: CPU and connections', [database.cpu], [database.connections])]
            : []),
        ],
        ...(database
          ? [
              [
                graph('Database: free storage and memory', [database.freeStorage], [database.freeMemory]),
                graph('Database: latency, seconds', [database.readLatency, database.writeLatency]),
              ],
            ]
          : []),
      ],
    });
  }

  /** The alarms of this stack, and those of earlier stacks by their names. */
  #alarms(context: EnvironmentContext): IAlarm[] {
    const { prefix } = namesOf(context.deployment, context.environment);
    return [
      ...Stack.of(this)
        .node.findAll()
        .filter((construct) => construct instanceof Alarm),
      ...earlierAlarms(context).map((name) => Alarm.fromAlarmName(this, name, `${prefix}-${name}`)),
    ];
  }
}
