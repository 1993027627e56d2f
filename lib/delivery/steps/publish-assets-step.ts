import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { FileSet } from 'aws-cdk-lib/pipelines';
import { pipelineRoles, templateReaderName } from '../../config/iam-names.ts';
import { type Environment, sourceAddress } from '../../config/index.ts';
import { publishAssetsAction } from '../../config/pipeline-names.ts';
import { objectsFinding } from '../acknowledge-pipeline.ts';
import { bootstrapRoleArn } from '../bootstrap-roles.ts';
import type { BuildContext } from '../build-context.ts';
import { type ComparedStack, givenVariable, inWords } from './change-summary-step.ts';
import { ToolStep } from './tool-step.ts';

export interface PublishAssetsStepProps {
  readonly environment: Environment;
  /** The stage whose files to publish, such as `staging-service`. */
  readonly stage: string;
  /** The stacks of the stage, which are first compared with the deployed ones. */
  readonly stacks: readonly ComparedStack[];
  /** All stacks of the environment, whose images are first verified. */
  readonly environmentStacks: readonly ComparedStack[];
  /** Pipeline variable with the commit's id. */
  readonly revision: string;
  readonly cloudAssembly: FileSet;
}

/**
 * Publishes the files of one stage to its environment's account, and may write nothing else there. Before that, it fails if
 * an image of the environment is not signed for this commit, or if a stack of the stage has a change that cannot be
 * deployed. It is part of the stage, so that nothing is written before the stage's approval.
 */
export class PublishAssetsStep extends ToolStep {
  constructor(context: BuildContext, props: PublishAssetsStepProps) {
    const { environment, stage, stacks, environmentStacks, revision, cloudAssembly } = props;
    const { deployment, provenance } = context;
    const reader = `arn:aws:iam::${environment.account}:role/${templateReaderName(context.deployment)}`;
    super(context, {
      action: publishAssetsAction,
      name: `${stage}-assets`,
      buildspec: 'publish-assets',
      primaryInput: cloudAssembly,
      env: {
        PUBLISHED_STAGES: stage,
        DEPLOYED_STACKS: inWords(stacks),
        ENVIRONMENT_STACKS: inWords(environmentStacks),
        TOOLS_REGION: deployment.tools.region,
        REPOSITORY: sourceAddress(deployment),
        ...provenance.variables,
        TEMPLATE_READER_ARN: reader,
        ...givenVariable(deployment, [environment]),
      },
      variables: { REVISION: revision },
      roleName: pipelineRoles.publish(context.deployment, stage),
      timeout: Duration.minutes(15),
      statements: [
        ...provenance.verifying,
        new PolicyStatement({
          actions: ['sts:AssumeRole'],
          resources: [bootstrapRoleArn(context.deployment, 'file-publishing', environment), reader],
        }),
      ],
      acknowledged: {
        [objectsFinding(provenance.bucket)]: 'It keeps an object or two for each image, by the digest.',
      },
    });
  }
}
