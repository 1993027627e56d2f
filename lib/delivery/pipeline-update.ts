import { type Conditions, Result, Rule } from 'aws-cdk-lib/aws-codepipeline';
import type { CodePipeline, FileSet, Step } from 'aws-cdk-lib/pipelines';
import { pipelineApprovalStage, provenanceStage, updatePipelineStage } from '../config/pipeline-names.ts';
import { asksForApprovals, handedOnAssembly } from './artifacts/artifact-names.ts';
import type { BuildContext } from './build-context.ts';
import { ChangeApprovalStep } from './steps/change-approval-step.ts';
import { ChangeSummaryStep } from './steps/change-summary-step.ts';
import { outputOf } from './steps/step-output.ts';
import { UpdatePipelineStep } from './steps/update-pipeline-step.ts';

/** Names the project that compares, and its variables. */
const changesName = 'pipeline-changes';

/**
 * Adds what comes before any environment: the images are signed, and the pipeline updates itself. Where any environment
 * asks for approvals, a person is asked about every change of the pipeline first: it could take the approvals away.
 *
 * What was compared there is handed on below a prefix that this one action writes. The synthesis runs the commit's own code,
 * which could write over what an earlier commit's synthesis has made, while that waits for an approval.
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
    // Side by side: neither needs the other.
    pipeline.addWave(provenanceStage, { post: [...signing, changes] });
    pipeline.addWave(pipelineApprovalStage, { post: [new ChangeApprovalStep('Approve', changes)] });
    return update(outputOf(changes));
  }
  pipeline.addWave(provenanceStage, { post: [...signing] });
  return update(cloudAssembly);
}

/**
 * The condition of the approval's stage: it is passed over when the pipeline's templates are as deployed, to the
 * letter. Whatever else the variable is, a person is asked.
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
