import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Place } from '../common/stage-contract.ts';
import { RunbookAlarm } from './runbook-alarm.ts';
import type { ServiceMetrics } from './service-metrics.ts';

const hour = 3600;
const day = 24 * hour;

/** Alarms about the tickets, most of which go off hours before a request would fail. */
export class TicketAlarms extends Construct {
  constructor(scope: Construct, id: string, place: Place, topic: ITopic, metrics: ServiceMetrics) {
    super(scope, id);
    const common = { place, topic };
    new RunbookAlarm(this, 'no-ticket', {
      ...common,
      metric: metrics.withoutTicket,
      says: 'A task has had no valid ticket for 10 minutes and cannot reach SQL Server.',
      threshold: 1,
      periods: 2,
    });
    new RunbookAlarm(this, 'ticket-expires', {
      ...common,
      metric: metrics.secondsToExpiry,
      says: 'A ticket has less than 2 hours left, or no sidecar has told for 15 minutes; renewal begins at half of 10 hours.',
      threshold: 2 * hour,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      periods: 3,
      missingData: TreatMissingData.BREACHING,
    });
    new RunbookAlarm(this, 'renewal-fails', {
      ...common,
      metric: metrics.renewalFailures,
      says: 'Renewals of tickets have been failing for 15 minutes; the tickets in hand still serve.',
      threshold: 1,
      periods: 3,
    });
    new RunbookAlarm(this, 'password-expires', {
      ...common,
      metric: metrics.passwordLeft,
      says: "The directory user's password expires in less than 5 days: its rotation has not worked.",
      threshold: 5 * day,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      periods: 1,
    });
    new RunbookAlarm(this, 'weak-encryption', {
      ...common,
      metric: metrics.weakEncryption,
      says: "A ticket is sealed with RC4, by the key of SQL Server's account; domain controllers are about to refuse it.",
      threshold: 1,
      periods: 1,
    });
    new RunbookAlarm(this, 'clock-offset', {
      ...common,
      metric: metrics.clockOffset,
      says: 'The clocks of a task and of the domain differ by more than a minute; Kerberos fails at five.',
      threshold: 60,
      comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
      periods: 3,
    });
  }
}
