import { type Conditions, Result, Rule } from 'aws-cdk-lib/aws-codepipeline';
import type { CodePipeline, FileSet, Step } from 'aws-cdk-lib/pipelines';
import { pipelineApprovalStage, provenanceStage, updatePipelineStage } from '../config/pipeline-names.ts';
import { asksForApprovals, handedOnAssembly } from './artifacts/artifact-names.ts';
import type { BuildContext } from './build-context.ts';
import { ChangeApprovalStep } from './steps/change-approval-step.ts';
import { ChangeSummaryStep } from './steps/change-summary-step.ts';
import { outputOf } from './steps/step-output.ts';
import { UpdatePipelineStep } from './steps/update-pipeline-step.ts';

/** Names the project that compares the templates, and its variables. */
const changesName = 'pipeline-changes';

/**
 * Adds the stages before any environment: they sign the images and update the pipeline itself. If any environment requires
 * approvals, a person must first approve every change of the pipeline, because a change could remove the approvals.
 *
 * The compared assembly becomes an artifact below a prefix that only this action can write. The synthesis runs the
 * commit's own code, which could overwrite the output of an earlier commit's synthesis while that waits for an approval.
 *
 * @returns the assembly that is compared, approved and deployed from there on
 */
export function addPipelineUpdate(
  context: BuildContext,
  pipeline: CodePipeline,
  cloudAssembly: FileSet,
  signing: readonly Step[],
): FileSet {
  const update = (assembly: FileSet) => {
    pipeline.addWave(updatePipelineStage, { post: [new UpdatePipelineStep(context, assembly)] });
    return assembly;
  };
  if (asksForApprovals(context.deployment)) {
    const { account } = context.deployment.tools;
    const changes = new ChangeSummaryStep(context, {
      name: changesName,
      account,
      stacks: [],
      cloudAssembly,
      handedOn: handedOnAssembly,
    });
    // In parallel, because neither needs the other.
    pipeline.addWave(provenanceStage, { post: [...signing, changes] });
    pipeline.addWave(pipelineApprovalStage, { post: [new ChangeApprovalStep('Approve', changes)] });
    return update(outputOf(changes));
  }
  pipeline.addWave(provenanceStage, { post: [...signing] });
  return update(cloudAssembly);
}

/**
 * The condition of the approval's stage: the stage is skipped if the pipeline's templates equal the deployed ones exactly
 * (the variable is `none`). Any other value requires the approval.
 *
 * @see https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-VariableCheck.html
 */
export const updateApprovalCondition: ReadonlyMap<string, Conditions> = new Map([
  [
    pipelineApprovalStage,
    {
      conditions: [
        {
          result: Result.SKIP,
          rules: [
            new Rule({
              name: 'PipelineChanges',
              provider: 'VariableCheck',
              version: '1',
              configuration: { Variable: `#{${changesName}.CHANGES}`, Operator: 'NE', Value: 'none' },
            }),
          ],
        },
      ],
    },
  ],
]);
