import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { ticketAlarms } from 'cdk-kerberos-sidecar';
import { Construct } from 'constructs';
import type { EnvironmentContext } from '../common/stage-contract.ts';
import { RunbookAlarm } from './runbook-alarm.ts';
import type { TaskMetrics } from './task-metrics.ts';

/** The sidecar's alarms about its tickets, each linked to its section of the runbook. */
export class TicketAlarms extends Construct {
  /** @param service the service; undefined for web */
  constructor(
    scope: Construct,
    id: string,
    context: EnvironmentContext,
    topic: ITopic,
    { metrics, service }: { readonly metrics: Pick<TaskMetrics, 'ticket'>; readonly service?: string },
  ) {
    super(scope, id);
    const common = { context, topic, ...(service !== undefined && { service }) };
    for (const [name, alarm] of Object.entries(ticketAlarms)) {
      new RunbookAlarm(this, name, { ...alarm, ...common, metric: metrics.ticket[alarm.metric] });
    }
  }
}
