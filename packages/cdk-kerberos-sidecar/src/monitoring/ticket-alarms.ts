import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { TicketMetricName } from './ticket-metrics.ts';

/** One alarm about the tickets. */
export interface TicketAlarm {
  readonly metric: TicketMetricName;
  /** One sentence that describes the problem. */
  readonly description: string;
  readonly threshold: number;
  /** @default - at or above the threshold */
  readonly comparison?: ComparisonOperator;
  /** Number of consecutive periods of five minutes. */
  readonly periods: number;
  /** @default - missing data counts as good */
  readonly missingData?: TreatMissingData;
}

export type TicketAlarmName =
  | 'no-ticket'
  | 'ticket-expires'
  | 'renewal-fails'
  | 'password-expires'
  | 'weak-encryption'
  | 'clock-offset';

const hour = 3600;
const day = 24 * hour;

/** Alarms about the tickets. Most go off hours before a request would fail. */
export const ticketAlarms: Readonly<Record<TicketAlarmName, TicketAlarm>> = {
  'no-ticket': {
    metric: 'withoutTicket',
    description: 'A task has had no valid ticket for 10 minutes and cannot reach SQL Server.',
    threshold: 1,
    periods: 2,
  },
  'ticket-expires': {
    metric: 'secondsToExpiry',
    description:
      'A ticket has less than 2 hours left, or no sidecar has told for 15 minutes; renewal begins at half of 10 hours.',
    threshold: 2 * hour,
    comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
    periods: 3,
    missingData: TreatMissingData.BREACHING,
  },
  'renewal-fails': {
    metric: 'renewalFailures',
    description: 'Renewals of tickets have been failing for 15 minutes; the tickets in hand still serve.',
    threshold: 1,
    periods: 3,
  },
  'password-expires': {
    metric: 'passwordLeft',
    description: "The directory user's password expires in less than 5 days: its rotation has not worked.",
    threshold: 5 * day,
    comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
    periods: 1,
  },
  'weak-encryption': {
    metric: 'weakEncryption',
    description:
      "A ticket is sealed with RC4, by the key of SQL Server's account; domain controllers are about to refuse it.",
    threshold: 1,
    periods: 1,
  },
  'clock-offset': {
    metric: 'clockOffset',
    description:
      'The clocks of a task and of the domain differ by more than a minute; Kerberos fails at five.',
    threshold: 60,
    comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
    periods: 3,
  },
};
