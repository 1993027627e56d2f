import { Duration } from 'aws-cdk-lib';
import { ComputeType } from 'aws-cdk-lib/aws-codebuild';
import type { FileSet } from 'aws-cdk-lib/pipelines';
import type { BuildContext } from '../build-context.ts';
import { digestsInWords, digestsRequired, digestsVariable } from '../image-digests.ts';
import { BuildStep } from './build-step.ts';
import type { ImageStep } from './image-step.ts';
import { outputOf } from './step-output.ts';

export interface SynthStepProps {
  readonly source: FileSet;
  /** The steps that build the images. */
  readonly images: readonly ImageStep[];
  /** The steps that must have succeeded before. */
  readonly gates: readonly BuildStep[];
}

/** Synthesizes the templates of all accounts, with the digests of the images that were just built. */
export class SynthStep extends BuildStep {
  #handedOn: FileSet | undefined;

  constructor(context: BuildContext, { source, images, gates }: SynthStepProps) {
    super(context, {
      action: 'Synth',
      buildspec: 'synth',
      input: source,
      primaryOutputDirectory: 'cdk.out',
      env: {
        [digestsVariable]: digestsInWords(images.map(({ image, digest }) => [image, digest])),
        [digestsRequired]: 'true',
      },
      buildEnvironment: { computeType: ComputeType.MEDIUM },
      timeout: Duration.minutes(20),
    });
    for (const gate of gates) this.addStepDependency(gate);
  }

  /** Deploys this artifact instead of the synthesis' own: the same assembly, as a later step has passed it on. */
  handedOnAs(assembly: FileSet): void {
    this.#handedOn = assembly;
  }

  /** The cloud assembly from which CDK Pipelines deploys. */
  override get primaryOutput(): FileSet {
    return this.#handedOn ?? outputOf({ id: this.id, primaryOutput: super.primaryOutput });
  }
}
