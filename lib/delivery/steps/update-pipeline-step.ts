import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { FileSet } from 'aws-cdk-lib/pipelines';
import { pipelineRoles } from '../../config/iam-names.ts';
import { imageRegions } from '../../config/image-regions.ts';
import { updatePipelineAction } from '../../config/pipeline-names.ts';
import { bootstrapRoleArn } from '../bootstrap-roles.ts';
import type { BuildContext } from '../build-context.ts';
import { ToolStep } from './tool-step.ts';

/**
 * Updates the pipeline from the templates that were just synthesized. CDK Pipelines' own step would install the CLI from
 * the npm registry while it has these permissions.
 */
export class UpdatePipelineStep extends ToolStep {
  constructor(context: BuildContext, cloudAssembly: FileSet) {
    const { account } = context.deployment.tools;
    const places = imageRegions(context.deployment).map((region) => ({ account, region }));
    super(context, {
      action: updatePipelineAction,
      name: 'update-pipeline',
      buildspec: 'update-pipeline',
      primaryInput: cloudAssembly,
      roleName: pipelineRoles.update(context.deployment),
      timeout: Duration.minutes(40),
      statements: [
        new PolicyStatement({
          actions: ['sts:AssumeRole'],
          resources: places.flatMap((place) => [
            bootstrapRoleArn(context.deployment, 'deploy', place),
            bootstrapRoleArn(context.deployment, 'file-publishing', place),
          ]),
        }),
      ],
    });
  }
}
