import { DescribeDBInstancesCommand, DescribeEventsCommand, type RDSClient } from '@aws-sdk/client-rds';
import { passesWithTime } from '../aws/not-yet.ts';
import { type Progress, silent } from '../progress.ts';
import { ProvisioningError } from '../provisioning-error.ts';
import { retry } from '../retry.ts';
import { joinCause } from './join-errors.ts';

export interface MembershipOptions {
  readonly rds: RDSClient;
  readonly instance: string;
  readonly domainName: string;
  readonly progress?: Progress;
  /** Milliseconds to wait for a join in progress; default ten minutes. */
  readonly limit?: number;
}

const joined: readonly (string | undefined)[] = ['joined', 'kerberos-enabled'];

/**
 * Waits until RDS reports an instance as a member of its domain. An instance whose join failed still runs, and
 * CloudFormation regards it as created; without this, the login of a Windows user would be the first to fail.
 *
 * @throws ProvisioningError if the join failed, with the reason from RDS' events; also the errors of the SDK
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DomainMembership.html
 */
export async function awaitMembership(options: MembershipOptions): Promise<void> {
  const { rds, instance, domainName, progress = silent, limit = 600_000 } = options;
  const status = await retry(
    async () => {
      const { DBInstances = [] } = await rds.send(
        new DescribeDBInstancesCommand({ DBInstanceIdentifier: instance }),
      );
      const found = DBInstances[0]?.DomainMemberships?.[0]?.Status;
      if (found !== undefined && (joined.includes(found) || /fail|removed/.test(found))) return found;
      throw new NotYet(
        `${instance} has not joined the domain ${domainName}: RDS says "${found ?? 'no membership'}". Deploy again; if it ` +
          'stays so, look at its configuration in the RDS console.',
      );
    },
    {
      when: (error, elapsed) => error instanceof NotYet || passesWithTime(error, elapsed),
      limit,
      pause: Math.min(limit / 600, 1000),
      waiting: { progress, what: `Membership of ${instance}` },
    },
  );
  if (!joined.includes(status)) throw new ProvisioningError(await failure(options, status));
  progress(`${instance} is a member of ${domainName}.`);
}

async function failure({ rds, instance, domainName }: MembershipOptions, status: string): Promise<string> {
  const { Events = [] } = await rds
    .send(
      new DescribeEventsCommand({
        SourceType: 'db-instance',
        SourceIdentifier: instance,
        // Minutes: a day, which includes the attempt to join.
        Duration: 1440,
      }),
    )
    // Report the failed join even without the events.
    .catch(() => ({ Events: [] }));
  const said = Events.map(({ Message = '' }) => Message.trim()).filter((message) =>
    /domain|active directory|kerberos/i.test(message),
  );
  const reason = said.findLast((message) => joinCause(message)) ?? said.at(-1);
  const cause = reason === undefined ? undefined : joinCause(reason);
  return [
    `${instance} could not join the domain ${domainName}: RDS says "${status}"`,
    reason === undefined ? '' : ` and "${reason.replace(/\.$/, '')}"`,
    '. ',
    cause
      ? `Probably ${cause}.`
      : 'Probably the account that joins, its rights, the organizational unit or a port on the way is not as RDS needs it: docs/deploy.md has the list.',
    ' Correct that, modify the instance with the same domain again (aws rds modify-db-instance), and deploy again.',
  ].join('');
}

class NotYet extends ProvisioningError {}
