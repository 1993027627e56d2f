import {
  type Conditions,
  type FailureConditions,
  type IStage,
  Pipeline,
  type PipelineProps,
  type StageOptions,
} from 'aws-cdk-lib/aws-codepipeline';
import type { CfnRole } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

export interface ConditionalPipelineProps extends Omit<PipelineProps, 'stages'> {
  /** What happens when a stage fails, by the stage's name; default: the stage fails. */
  readonly onFailure: ReadonlyMap<string, FailureConditions>;
  /** Name of the pipeline's own role, which the environments' accounts trust by this name. */
  readonly roleName: string;
  /** The conditions for entering a stage, by the stage's name. */
  readonly beforeEntry: ReadonlyMap<string, Conditions>;
}

/**
 * A pipeline whose stages can have conditions. CDK Pipelines has no option for conditions, so this class adds them when
 * CDK Pipelines adds the stage.
 *
 * @see https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-conditions.html
 */
export class ConditionalPipeline extends Pipeline {
  readonly #onFailure: ReadonlyMap<string, FailureConditions>;
  readonly #beforeEntry: ReadonlyMap<string, Conditions>;

  constructor(
    scope: Construct,
    id: string,
    { onFailure, beforeEntry, roleName, ...props }: ConditionalPipelineProps,
  ) {
    super(scope, id, props);
    (this.role.node.defaultChild as CfnRole).roleName = roleName;
    this.#onFailure = onFailure;
    this.#beforeEntry = beforeEntry;
  }

  override addStage(options: StageOptions): IStage {
    const onFailure = this.#onFailure.get(options.stageName);
    const beforeEntry = this.#beforeEntry.get(options.stageName);
    return super.addStage({
      ...options,
      ...(onFailure && { onFailure }),
      ...(beforeEntry && { beforeEntry }),
    });
  }
}
