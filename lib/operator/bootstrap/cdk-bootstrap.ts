import { bootstrapQualifier, toolkitStackName } from '../../config/bootstrap-names.ts';
import { executionPolicyName } from '../../config/iam-names.ts';
import type { Deployment } from '../../config/index.ts';
import type { BootstrapPlace } from './places.ts';
import { bootstrapVariant } from './toolkit-template.ts';

/** What the bootstrap of a place must look like. */
export interface WantedBootstrap {
  readonly qualifier: string;
  readonly stackName: string;
  readonly executionPolicy: string;
  /** The name of its template: ours, whose roles trust only the pipeline. */
  readonly variant: string;
}

/** @returns the bootstrap that the configuration requires */
export function wantedBootstrap(
  deployment: Deployment,
  { account }: Pick<BootstrapPlace, 'account'>,
): WantedBootstrap {
  return {
    qualifier: bootstrapQualifier(deployment),
    stackName: toolkitStackName(deployment),
    executionPolicy: `arn:aws:iam::${account}:policy/${executionPolicyName(deployment)}`,
    variant: bootstrapVariant(deployment),
  };
}

/**
 * The arguments of `cdk` for bootstrapping one place.
 *
 * @param template the file with the template for this place
 */
export function bootstrapArguments(
  { account, region, trusts }: BootstrapPlace,
  wanted: WantedBootstrap,
  template: string,
): string[] {
  return [
    'bootstrap',
    `aws://${account}/${region}`,
    '--template',
    template,
    '--qualifier',
    wanted.qualifier,
    '--toolkit-stack-name',
    wanted.stackName,
    '--cloudformation-execution-policies',
    wanted.executionPolicy,
    // The template itself names the roles of this account that may be trusted.
    ...(trusts ? ['--trust', trusts] : []),
    '--termination-protection',
  ];
}
