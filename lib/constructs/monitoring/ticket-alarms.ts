import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { ticketAlarms } from 'cdk-kerberos-sidecar';
import { Construct } from 'constructs';
import type { Place } from '../common/stage-contract.ts';
import { RunbookAlarm } from './runbook-alarm.ts';
import type { ServiceMetrics } from './service-metrics.ts';

/** The sidecar's alarms about its tickets, each with its section of the runbook. */
export class TicketAlarms extends Construct {
  constructor(scope: Construct, id: string, place: Place, topic: ITopic, metrics: ServiceMetrics) {
    super(scope, id);
    for (const [name, alarm] of Object.entries(ticketAlarms)) {
      new RunbookAlarm(this, name, { ...alarm, place, topic, metric: metrics.ticket[alarm.metric] });
    }
  }
}
