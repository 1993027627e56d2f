import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { type EnvironmentNames, namesOf, zoneLetters } from '../config/index.ts';
import { deploymentSynthesizer } from '../constructs/common/deployment-synthesizer.ts';
import type { EnvironmentContext } from '../constructs/common/stage-contract.ts';

/**
 * A stack of one environment, named `<deployment>-<environment>-<part>`. It has no termination protection, because
 * CodePipeline, which creates these stacks, cannot set it. Resources with data have their own protection.
 */
export abstract class EnvironmentStack extends Stack {
  protected readonly context: EnvironmentContext;
  protected readonly names: EnvironmentNames;

  constructor(scope: Construct, part: string, context: EnvironmentContext, description: string) {
    const names = namesOf(context.deployment, context.environment);
    super(scope, part, {
      synthesizer: deploymentSynthesizer(context.deployment),
      stackName: `${names.prefix}-${part}`,
      description,
    });
    this.context = context;
    this.names = names;
  }

  /** The configured zones. They are not looked up, so synthesis needs no credentials and a new zone moves no subnet. */
  override get availabilityZones(): string[] {
    const { region, network } = this.context.environment;
    return zoneLetters(network).map((zone) => `${region}${zone}`);
  }
}
