import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { RDSClient } from '@aws-sdk/client-rds';
import { awsClient } from '../../../aws/clients.ts';
import { ReleaseError } from '../../../aws/errors.ts';
import { environmentStacks, type StackPlace, toolsStacks } from '../../../config/stack-names.ts';
import { currentAccount } from '../../bootstrap/account.ts';
import { heartbeat } from '../../heartbeat.ts';
import { findEnvironment, type ReleaseContext } from '../context.ts';
import { deleteFailedStack } from '../recover/delete-stack.ts';
import { findStacks, type StackFinding } from '../recover/failed-creation.ts';
import type { RecoveryClients } from '../recover/protections.ts';

export interface RecoverOptions {
  /** Asks the user; resolves to whether to continue. */
  readonly confirm: (question: string) => Promise<boolean>;
  /** Only shows the stacks, without asking or deleting. */
  readonly lookOnly: boolean;
}

interface Recovered extends StackFinding {
  readonly region: string;
  readonly deleted: boolean;
  readonly left: readonly string[];
}

/**
 * `release recover <environment>`, and `release recover tools`: shows what prevents another attempt, and deletes stacks
 * whose first creation failed. Stacks that were ever in service are not touched.
 *
 * @returns whether nothing prevents another attempt
 */
export async function recover(
  context: ReleaseContext,
  where: string,
  options: RecoverOptions,
): Promise<boolean> {
  const { deployment, print, json, waiting } = context;
  const places =
    where === 'tools'
      ? toolsStacks(deployment)
      : [environmentStacks(deployment, findEnvironment(deployment, where))];
  const [{ account = '', region = '' } = {}] = places;
  const current = await currentAccount(region, waiting);
  if (current !== account) {
    throw new ReleaseError(
      `These credentials are for the account ${current}, and ${where} is in ${account}: name a profile of that account in AWS_PROFILE.`,
    );
  }
  const recovered: Recovered[] = [];
  for (const place of places) recovered.push(...(await recoverPlace(context, place, options)));
  const free = recovered.every(({ verdict, deleted, left }) =>
    verdict === 'never complete' ? deleted && left.length === 0 : verdict === 'well',
  );
  if (json) print(JSON.stringify({ where, account, free, stacks: recovered }, undefined, 2));
  else
    print(
      free
        ? `${where}: ready for another attempt. ${next(where)}`
        : `${where}: not ready for another attempt yet.`,
    );
  return free;
}

function next(where: string): string {
  return where === 'tools'
    ? 'Deploy the pipeline: npx cdk deploy pipeline (docs/bootstrap.md).'
    : 'Retry in the pipeline: docs/operate.md, "The first deployment failed", says how.';
}

async function recoverPlace(
  context: ReleaseContext,
  { region, account, isOurs }: StackPlace,
  { confirm, lookOnly }: RecoverOptions,
): Promise<Recovered[]> {
  const { print, json, voice, signal, intervalSeconds } = context;
  const clients = recoveryClients(context, region);
  const recovered: Recovered[] = [];
  const { heard, beat } = heartbeat(voice.say);
  const tell = (line: string) => {
    if (!json) print(line);
    heard();
  };
  for (const stack of await findStacks(clients.stacks, isOurs)) {
    for (const line of describe(stack, region)) tell(line);
    const doIt =
      stack.verdict === 'never complete' &&
      !lookOnly &&
      (await confirm(`Delete ${stack.name} in ${region} of ${account}, which was never complete?`));
    if (!doIt) {
      recovered.push({ ...stack, region, deleted: false, left: [] });
      continue;
    }
    tell(`Deleting ${stack.name}; it takes up to 40 minutes.`);
    const beating = setInterval(() => beat(() => `${stack.name} is being deleted.`), 1000);
    try {
      const deletion = await deleteFailedStack(clients, stack, { say: tell, signal, intervalSeconds });
      tell(deletion.deleted ? `${stack.name} is deleted.` : `${stack.name} could not be deleted.`);
      if (deletion.left.length > 0) tell('Delete by hand what is left, then run this again:');
      for (const line of deletion.left) tell(`    ${line}`);
      recovered.push({ ...stack, region, ...deletion });
    } finally {
      clearInterval(beating);
    }
  }
  return recovered;
}

function describe({ name, id, status, verdict, failures }: StackFinding, region: string): string[] {
  const reasons = failures.slice(0, 10).map((failure) => `    ${failure}`);
  switch (verdict) {
    case 'well':
      return [`✔ ${name}: ${status}`];
    case 'at work':
      return [`▶ ${name}: ${status}. Wait until it has ended, and run this again.`];
    case 'never complete':
      return [`✘ ${name}: ${status}. Its first creation failed, and it was never complete.`, ...reasons];
    case 'rollback stuck':
      return [
        `✘ ${name}: ${status}. It was in service and is not touched here. Fix what failed, then let CloudFormation continue:`,
        ...reasons,
        `    aws cloudformation continue-update-rollback --region ${region} --stack-name ${name}`,
      ];
    default:
      return [
        `✘ ${name}: ${status}. Its events do not show that it was never complete, so it is not touched here. Check it by hand:`,
        ...reasons,
        `    aws cloudformation describe-stack-events --region ${region} --stack-name ${id}`,
      ];
  }
}

function recoveryClients({ waiting }: ReleaseContext, region: string): RecoveryClients {
  const clientOptions = { ...waiting, region };
  return {
    stacks: awsClient(CloudFormationClient, clientOptions),
    databases: awsClient(RDSClient, clientOptions),
    loadBalancers: awsClient(ElasticLoadBalancingV2Client, clientOptions),
  };
}
