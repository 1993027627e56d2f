import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ECSClient } from '@aws-sdk/client-ecs';
import { doctorFailed } from '@packages/contracts';
import { awsClient } from '../../../aws/clients.ts';
import { namesOf, serviceNamesOf } from '../../../config/index.ts';
import { heartbeat } from '../../heartbeat.ts';
import { findEnvironment, type ReleaseContext } from '../context.ts';
import { countRefusals } from '../doctor/count-refusals.ts';
import { deployedDoctor } from '../doctor/deployed-doctor.ts';
import { runDoctor } from '../doctor/run-doctor.ts';
import { showFindings } from '../doctor/show-findings.ts';
import { expectOwnAccount } from '../own-account.ts';
import { findService } from '../services.ts';

export interface DoctorCommandOptions {
  /** The service whose access to the database is examined. */
  readonly service: string;
  /** A team, whose report is then printed, or a file, to which the report for all teams is written. */
  readonly report: string | undefined;
  readonly limitSeconds: number;
}

/**
 * `release doctor <environment>`: tests the path to the database of web, or of a further service, from the service's
 * own subnets and with its own rights, and shows what is wrong.
 *
 * @returns the doctor's exit code; `doctorFailed` if it was cut off or the report could not be written
 */
export async function doctor(
  context: ReleaseContext,
  environmentName: string,
  { service: serviceName, report, limitSeconds }: DoctorCommandOptions,
): Promise<number> {
  const { deployment, print, json, voice, signal, intervalSeconds, waiting } = context;
  const environment = findEnvironment(deployment, environmentName);
  const further = findService(deployment, environment, serviceName);
  const by = await expectOwnAccount(context, environment);
  const clientOptions = { ...waiting, region: environment.region };
  const clients = {
    ecs: awsClient(ECSClient, clientOptions),
    logs: awsClient(CloudWatchLogsClient, clientOptions),
  };
  const names = namesOf(deployment, environment);
  const { clusterName: cluster } = names;
  const { serviceName: service, doctorFamily: family } = further
    ? serviceNamesOf(deployment, environment, further)
    : names;
  const deployed = await deployedDoctor(clients.ecs, {
    ...{ cluster, service, family },
    isJob: further?.kind === 'job',
  });
  const refusals = await countRefusals(clients.logs, deployed.log.group);
  if (refusals > 0) {
    voice.say(
      `The directory has refused the password ${refusals} times within half an hour; the doctor takes that into account.`,
    );
  }

  const { heard, beat } = heartbeat(voice.say);
  const show = (lines: string) => {
    if (json) return;
    print(lines);
    heard();
  };
  const findings = showFindings({ json, print, say: voice.say });
  const { exitCode, task } = await runDoctor(clients, deployed, {
    ...{ refusals, signal, intervalSeconds, limitSeconds },
    startedBy: `doctor ${by.split('/').at(-1) ?? ''}`.replace(/[^\w-]/g, '-').slice(0, 36),
    report: show,
    waiting: (id) => beat(() => `The task ${id} is still running.`),
    take(line) {
      if (findings.take(line)) heard();
    },
  });
  const reported = await findings.end(
    { environment: environmentName, service: serviceName, task, exitCode },
    report,
  );
  return reported ? exitCode : doctorFailed;
}
