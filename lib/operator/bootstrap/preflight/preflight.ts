import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { awsClient, type ClientOptions } from '../../../aws/clients.ts';
import { explainAwsError } from '../../../aws/errors.ts';
import { type Deployment, type Environment, namesOf } from '../../../config/index.ts';
import { describeStack } from '../account.ts';
import type { BootstrapPlace } from '../places.ts';
import { databaseChecks } from './database-checks.ts';
import { givenNetworkChecks } from './given-network-checks.ts';
import { loadBalancerChecks } from './load-balancer-checks.ts';
import { networkChecks } from './network-checks.ts';
import { quotaChecks } from './quota-checks.ts';
import { toolsChecks } from './tools-checks.ts';

/** Something that would make a deployment fail, and what to do about it. */
export interface PreflightFinding {
  /** The environment in question, or `tools`. */
  readonly environment: string;
  /** The name of the check, such as `zones`. */
  readonly check: string;
  readonly message: string;
  readonly remedy: string;
}

/** A finding of one check; an empty list means that there is no problem. */
export type Finding = Pick<PreflightFinding, 'message' | 'remedy'>;

/** The input of a check. */
export interface CheckContext {
  readonly deployment: Deployment;
  readonly environment: Environment;
  /**
   * Whether the environment's network is deployed: names and quotas that must be free before are in our own use
   * afterwards.
   */
  readonly deployed: boolean;
  /** Client options for the environment's account and region. */
  readonly clientOptions: ClientOptions;
}

/** Reads the account and returns what is wrong, without changing anything. */
export type Check = (context: CheckContext) => Promise<readonly Finding[]>;

const checks: Readonly<Record<string, Check>> = {
  ...networkChecks,
  ...givenNetworkChecks,
  ...databaseChecks,
  ...loadBalancerChecks,
  ...quotaChecks,
};

/** The findings for one environment, or for the pipeline's own account (`tools`). */
export interface Preflight {
  readonly environment: string;
  readonly when: 'before the first deployment' | 'after the first deployment';
  readonly findings: readonly PreflightFinding[];
}

/**
 * Checks in an account what templates cannot show. All checks run, whatever the others return; a check that AWS
 * refuses, throttles or does not answer is itself reported as a finding.
 *
 * @param clientOptions client options for the account and region
 */
export async function preflight(
  deployment: Deployment,
  { account, region }: Pick<BootstrapPlace, 'account' | 'region'>,
  clientOptions: ClientOptions,
): Promise<Preflight[]> {
  const { tools } = deployment;
  const here = deployment.environments.filter(
    (environment) => environment.account === account && environment.region === region,
  );
  const stacks = awsClient(CloudFormationClient, clientOptions);
  const isDeployed = async (stack: string) => (await describeStack(stacks, stack)) !== undefined;
  return Promise.all([
    ...(tools.account === account && tools.region === region
      ? [
          looked('tools', await isDeployed(`${deployment.name}-pipeline`), clientOptions, toolsChecks, {
            deployment,
            clientOptions,
          }),
        ]
      : []),
    ...here.map(async (environment) => {
      const { prefix } = namesOf(deployment, environment);
      const deployed = await isDeployed(`${prefix}-network`);
      const context = { deployment, environment, deployed, clientOptions };
      return looked(environment.name, deployed, clientOptions, checks, context);
    }),
  ]);
}

async function looked<Context>(
  environment: string,
  deployed: boolean,
  { signal }: ClientOptions,
  all: Readonly<Record<string, (context: Context) => Promise<readonly Finding[]>>>,
  context: Context,
): Promise<Preflight> {
  const findings = await Promise.all(
    Object.entries(all).map(async ([check, look]) => {
      const found = await look(context).catch((error: unknown) => {
        signal?.throwIfAborted();
        return [unknown(error)];
      });
      return found.map((finding) => ({ environment, check, ...finding }));
    }),
  );
  const when = deployed ? 'after the first deployment' : 'before the first deployment';
  return { environment, when, findings: findings.flat() };
}

function unknown(error: unknown): Finding {
  return {
    message: `This could not be checked. ${explainAwsError(error)}`,
    remedy: 'Check again with credentials that may read it (ReadOnlyAccess is enough), or check it by hand.',
  };
}
