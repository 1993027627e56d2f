import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { type Names, namesOf, zoneLetters } from '../config/index.ts';
import { deploymentSynthesizer } from '../constructs/common/deployment-synthesizer.ts';
import type { Place } from '../constructs/common/stage-contract.ts';

/**
 * A stack of one environment, named `<deployment>-<environment>-<part>`. Without termination protection: CodePipeline,
 * which makes these stacks, cannot set it. What holds data is protected by itself.
 */
export abstract class EnvironmentStack extends Stack {
  protected readonly place: Place;
  protected readonly names: Names;

  constructor(scope: Construct, part: string, place: Place, description: string) {
    const names = namesOf(place.deployment, place.environment);
    super(scope, part, {
      synthesizer: deploymentSynthesizer(place.deployment),
      stackName: `${names.prefix}-${part}`,
      description,
    });
    this.place = place;
    this.names = names;
  }

  /** The configured zones. Named, not looked up: synthesis needs no credentials, and no new zone moves a subnet. */
  override get availabilityZones(): string[] {
    const { region, network } = this.place.environment;
    return zoneLetters(network).map((zone) => `${region}${zone}`);
  }
}
