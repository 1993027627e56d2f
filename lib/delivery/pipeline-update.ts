import { type Conditions, Result, Rule } from 'aws-cdk-lib/aws-codepipeline';
import type { CodePipeline, FileSet, Step } from 'aws-cdk-lib/pipelines';
import type { Deployment } from '../config/index.ts';
import { pipelineApprovalStage, provenanceStage, updatePipelineStage } from '../config/pipeline-names.ts';
import type { BuildContext } from './build-context.ts';
import { ChangeApprovalStep } from './steps/change-approval-step.ts';
import { ChangeSummaryStep } from './steps/change-summary-step.ts';
import { UpdatePipelineStep } from './steps/update-pipeline-step.ts';

/** Names the project that compares, and its variables. */
const changesName = 'pipeline-changes';

/**
 * Adds what comes before any environment: the images are signed, and the pipeline updates itself. Where any environment
 * asks for approvals, a person is asked about every change of the pipeline first: it could take the approvals away.
 */
export function addPipelineUpdate(
  context: BuildContext,
  pipeline: CodePipeline,
  cloudAssembly: FileSet,
  signing: readonly Step[],
): void {
  if (asksForApprovals(context.deployment)) {
    const { account } = context.deployment.tools;
    const changes = new ChangeSummaryStep(context, {
      name: changesName,
      account,
      stacks: [],
      cloudAssembly,
    });
    // Side by side: neither needs the other.
    pipeline.addWave(provenanceStage, { post: [...signing, changes] });
    pipeline.addWave(pipelineApprovalStage, { post: [new ChangeApprovalStep('Approve', changes)] });
  } else pipeline.addWave(provenanceStage, { post: [...signing] });
  pipeline.addWave(updatePipelineStage, { post: [new UpdatePipelineStep(context, cloudAssembly)] });
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

function asksForApprovals({ environments }: Deployment): boolean {
  return environments.some(({ approvals }) => Object.values(approvals).some(Boolean));
}
