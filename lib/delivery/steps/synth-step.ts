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
  /** Of each image, the step that has built it. */
  readonly images: readonly ImageStep[];
  /** Must have succeeded before. */
  readonly gates: readonly BuildStep[];
}

/** Makes the templates of every account, with the digests of the images that were built just before. */
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

  /** What is deployed in place of what the synthesis itself has written: the same, handed on by a later step. */
  handedOnAs(assembly: FileSet): void {
    this.#handedOn = assembly;
  }

  /** The templates and what they need: the cloud assembly, which there always is. CDK Pipelines deploys from it. */
  override get primaryOutput(): FileSet {
    return this.#handedOn ?? outputOf({ id: this.id, primaryOutput: super.primaryOutput });
  }
}
