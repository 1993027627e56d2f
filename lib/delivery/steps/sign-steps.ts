import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Step } from 'aws-cdk-lib/pipelines';
import { pipelineRoles } from '../../config/iam-names.ts';
import { imageRepositoryName, sourceAddress } from '../../config/index.ts';
import { pipelineName, signAction } from '../../config/pipeline-names.ts';
import { objectsFinding } from '../acknowledge-pipeline.ts';
import type { BuildContext } from '../build-context.ts';
import type { PipelineSource } from '../pipeline-source.ts';
import type { ImageStep } from './image-step.ts';
import { outputOf } from './step-output.ts';
import { ToolProject } from './tool-project.ts';
import { ToolStep } from './tool-step.ts';

export interface SignStepsProps {
  /** The actions that must have succeeded before anything is signed. */
  readonly gates: readonly string[];
  readonly images: readonly ImageStep[];
  /** What the images were built from. */
  readonly source: PipelineSource;
  /** What must have succeeded before, besides. */
  readonly after: Step;
}

/**
 * How many images one action signs: CodePipeline gives an action five inputs; one is the program, and one the source.
 *
 * @see https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html
 */
const imagesOfAction = 3;

/**
 * The actions that sign what the pipeline knows of its images, side by side: a program of the pipeline in force, which runs
 * nothing of the commit, in one project, with the one role that may use the key.
 */
export function signSteps(context: BuildContext, { images, source, ...props }: SignStepsProps): ToolStep[] {
  const project = signProject(context, images, props.gates);
  const groups = Array.from({ length: Math.ceil(images.length / imagesOfAction) }, (_, index) =>
    images.slice(index * imagesOfAction, (index + 1) * imagesOfAction),
  );
  return groups.map((group, index) => {
    const action = signAction(index);
    const step = new ToolStep(context, {
      action,
      name: action.toLowerCase(),
      project,
      // What an image is made of, it asks the source itself. The assembly, which it does not need, is no input.
      primaryInput: source.files,
      furtherInputs: group.map(outputOf),
      variables: {
        EXECUTION: '#{codepipeline.PipelineExecutionId}',
        REVISION: source.revision,
        IMAGE_REPOSITORIES: group
          .map(({ image }) => imageRepositoryName(context.deployment, image))
          .join(' '),
      },
    });
    step.addStepDependency(props.after);
    return step;
  });
}

function signProject(
  context: BuildContext,
  images: readonly ImageStep[],
  gates: readonly string[],
): ToolProject {
  const { deployment, provenance } = context;
  const { account, region } = deployment.tools;
  const repositories = images.map(({ image }) => imageRepositoryName(deployment, image));
  return new ToolProject(context, {
    name: 'sign',
    buildspec: 'sign-images',
    env: {
      TOOLS_ACCOUNT: account,
      PIPELINE: pipelineName(deployment),
      REPOSITORY: sourceAddress(deployment),
      IMAGE_REGISTRY: `${account}.dkr.ecr.${region}.amazonaws.com`,
      GATE_ACTIONS: gates.join(' '),
      IMAGE_ARCHITECTURE: deployment.images.architecture,
      FAIL_ON_SEVERITY: deployment.images.failOnSeverity,
      ...provenance.variables,
    },
    roleName: pipelineRoles.sign(deployment),
    timeout: Duration.minutes(15),
    statements: [
      ...provenance.signing,
      new PolicyStatement({
        actions: ['codepipeline:ListActionExecutions', 'codepipeline:ListPipelineExecutions'],
        resources: [`arn:aws:codepipeline:${region}:${account}:${pipelineName(deployment)}`],
      }),
      new PolicyStatement({
        actions: [
          // Manifest and configuration, which say what the image bears in its labels.
          'ecr:BatchGetImage',
          'ecr:DescribeImageScanFindings',
          'ecr:DescribeImages',
          'ecr:GetDownloadUrlForLayer',
        ],
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
}
