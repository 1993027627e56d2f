import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Step } from 'aws-cdk-lib/pipelines';
import { pipelineRoles } from '../../config/iam-names.ts';
import { imageNames, imageRepositoryName, sourceAddress } from '../../config/index.ts';
import { pipelineName, signAction } from '../../config/pipeline-names.ts';
import { objectsFinding } from '../acknowledge-pipeline.ts';
import type { BuildContext } from '../build-context.ts';
import type { ImageStep } from './image-step.ts';
import { ToolStep } from './tool-step.ts';

export interface SignStepProps {
  /** The actions that must have succeeded before anything is signed. */
  readonly gates: readonly string[];
  readonly images: readonly ImageStep[];
  /** Pipeline variable with the commit. */
  readonly revision: string;
  /** What must have succeeded before, besides. */
  readonly after: Step;
}

/**
 * Signs what the pipeline knows of its images: a program of the pipeline in force, which runs nothing of the commit,
 * with the one role that may use the key.
 */
export class SignStep extends ToolStep {
  constructor(context: BuildContext, { gates, images, revision, after }: SignStepProps) {
    const { deployment, provenance } = context;
    const { account, region } = deployment.tools;
    const [first, ...others] = images;
    if (!first) throw new Error('There is no image to sign.');
    const repositories = imageNames(deployment).map((image) => imageRepositoryName(deployment, image));
    const registry = `${account}.dkr.ecr.${region}.amazonaws.com`;
    super(context, {
      action: signAction,
      name: 'sign',
      buildspec: 'sign-images',
      // An action takes five inputs the assembly, which the program does not need, is none of them.
      primaryInput: first,
      furtherInputs: others,
      env: {
        TOOLS_ACCOUNT: account,
        PIPELINE: pipelineName(deployment),
        REPOSITORY: sourceAddress(deployment),
        IMAGE_REGISTRY: registry,
        IMAGE_REPOSITORIES: repositories.join(' '),
        GATE_ACTIONS: gates.join(' '),
        FAIL_ON_SEVERITY: deployment.images.failOnSeverity,
        ...provenance.variables,
      },
      variables: { EXECUTION: '#{codepipeline.PipelineExecutionId}', REVISION: revision },
      roleName: pipelineRoles.sign(deployment),
      timeout: Duration.minutes(15),
      statements: [
        ...provenance.signing,
        new PolicyStatement({
          actions: ['codepipeline:ListActionExecutions', 'codepipeline:ListPipelineExecutions'],
          resources: [`arn:aws:codepipeline:${region}:${account}:${pipelineName(deployment)}`],
        }),
        new PolicyStatement({
          actions: ['ecr:DescribeImageScanFindings', 'ecr:DescribeImages'],
          resources: repositories.map((name) => `arn:aws:ecr:${region}:${account}:repository/${name}`),
        }),
        // What a registry with enhanced scanning asks of whoever reads findings.
        new PolicyStatement({
          actions: ['inspector2:ListCoverage', 'inspector2:ListFindings'],
          resources: ['*'],
        }),
      ],
      acknowledged: {
        [objectsFinding(provenance.bucket)]: 'It keeps an object or two for each image, by the digest.',
        'IAM5[Resource::*]': 'The lists of Inspector have no resource level.',
      },
    });
    this.addStepDependency(after);
  }
}
