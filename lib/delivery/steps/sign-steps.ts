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
  /** The source from which the images were built. */
  readonly source: PipelineSource;
  /** Another step that must have succeeded before. */
  readonly after: Step;
}

/**
 * How many images one action signs: CodePipeline allows five inputs per action, and the program and the source take two.
 *
 * @see https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html
 */
const imagesOfAction = 3;

/**
 * The actions that sign statements about the images, in parallel. They run a program of the deployed pipeline and no code of
 * the commit, in one project, with the only role that may sign with the key.
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
      // The program computes from the source itself what each image is made of. It does not need the assembly.
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
          // For the manifest and the configuration, which has the image's labels.
          'ecr:BatchGetImage',
          'ecr:DescribeImageScanFindings',
          'ecr:DescribeImages',
          'ecr:GetDownloadUrlForLayer',
        ],
        resources: repositories.map((name) => `arn:aws:ecr:${region}:${account}:repository/${name}`),
      }),
      // Required for reading findings if the registry uses enhanced scanning.
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
