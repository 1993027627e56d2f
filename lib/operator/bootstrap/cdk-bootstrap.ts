import { DefaultStackSynthesizer } from 'aws-cdk-lib';
import { executionPolicyName } from '../../config/iam-names.ts';
import type { Deployment } from '../../config/index.ts';
import type { BootstrapPlace } from './places.ts';

/** What the bootstrap of one place must be like. */
export interface WantedBootstrap {
  readonly qualifier: string;
  readonly stackName: string;
  readonly executionPolicy: string;
}

/** @param context the CDK context of cdk.json, which may name another qualifier */
export function wantedBootstrap(
  deployment: Deployment,
  { account }: BootstrapPlace,
  context: Readonly<Record<string, unknown>>,
): WantedBootstrap {
  const qualifier = String(
    context['@aws-cdk/core:bootstrapQualifier'] ?? DefaultStackSynthesizer.DEFAULT_QUALIFIER,
  );
  return {
    qualifier,
    stackName:
      qualifier === DefaultStackSynthesizer.DEFAULT_QUALIFIER ? 'CDKToolkit' : `CDKToolkit-${qualifier}`,
    executionPolicy: `arn:aws:iam::${account}:policy/${executionPolicyName(deployment)}`,
  };
}

/** The arguments of `cdk` that bootstrap one place. */
export function bootstrapArguments(
  { account, region, trusts }: BootstrapPlace,
  wanted: WantedBootstrap,
): string[] {
  return [
    'bootstrap',
    `aws://${account}/${region}`,
    '--qualifier',
    wanted.qualifier,
    '--toolkit-stack-name',
    wanted.stackName,
    '--cloudformation-execution-policies',
    wanted.executionPolicy,
    // Trust for deployments includes trust for look-ups, by which approvals are told what would change.
    ...(trusts ? ['--trust', trusts] : []),
    '--termination-protection',
  ];
}
