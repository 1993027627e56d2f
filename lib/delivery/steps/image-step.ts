import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { imageRegions } from '../../config/image-regions.ts';
import { type Deployment, type ImageName, imageRepositoryName, sourceAddress } from '../../config/index.ts';
import { imageAction } from '../../config/pipeline-names.ts';
import { objectsFinding } from '../acknowledge-pipeline.ts';
import type { BuildContext } from '../build-context.ts';
import { imageBuildEnvironment } from '../codebuild-environments.ts';
import type { PipelineSource } from '../pipeline-source.ts';
import { BuildStep } from './build-step.ts';

/**
 * Builds and scans one image, once for each commit that changes it, and exports its digest. The image's bill of materials
 * is the step's artifact.
 */
export class ImageStep extends BuildStep {
  readonly image: ImageName;

  constructor(context: BuildContext, image: ImageName, { files, revision }: PipelineSource) {
    const { deployment, provenance } = context;
    const { account, region } = deployment.tools;
    super(context, {
      action: imageAction(image),
      buildspec: 'image',
      input: files,
      primaryOutputDirectory: 'sbom',
      env: {
        SERVICE: image,
        IMAGE_REGISTRY: `${account}.dkr.ecr.${region}.amazonaws.com`,
        IMAGE_REPOSITORY: imageRepositoryName(deployment, image),
        IMAGE_REGIONS: imageRegions(deployment).join(' '),
        IMAGE_TAG: revision,
        IMAGE_SOURCE: sourceAddress(deployment),
        IMAGE_ARCHITECTURE: deployment.images.architecture,
        FAIL_ON_SEVERITY: deployment.images.failOnSeverity,
        ...provenance.variables,
      },
      buildEnvironment: imageBuildEnvironment(deployment),
      // Longer than the program waits for the scan and the copies, so that the program's own error is shown.
      timeout: Duration.minutes(40),
      statements: [
        ...registryStatements(deployment, image),
        ...provenance.findingOf(imageRepositoryName(deployment, image)),
      ],
      acknowledged: {
        [objectsFinding(provenance.bucket, `${imageRepositoryName(deployment, image)}/`)]:
          'What is kept of this image is there by the digests of its versions.',
        'IAM5[Resource::*]':
          'ecr:GetAuthorizationToken has no resource level, nor have the lists of Inspector.',
      },
    });
    this.image = image;
  }

  /** Pipeline variable with the digest of the image. */
  get digest(): string {
    return this.exportedVariable('IMAGE_DIGEST');
  }
}

function registryStatements(deployment: Deployment, image: ImageName): PolicyStatement[] {
  const { account, region } = deployment.tools;
  const repositoryIn = (region: string) =>
    `arn:aws:ecr:${region}:${account}:repository/${imageRepositoryName(deployment, image)}`;
  return [
    new PolicyStatement({ actions: ['ecr:GetAuthorizationToken'], resources: ['*'] }),
    // Required for reading findings if the registry uses enhanced scanning.
    new PolicyStatement({
      actions: ['inspector2:ListCoverage', 'inspector2:ListFindings'],
      resources: ['*'],
    }),
    new PolicyStatement({
      actions: [
        'ecr:BatchCheckLayerAvailability',
        'ecr:BatchGetImage',
        'ecr:CompleteLayerUpload',
        'ecr:DescribeImageScanFindings',
        'ecr:GetDownloadUrlForLayer',
        'ecr:InitiateLayerUpload',
        'ecr:PutImage',
        'ecr:UploadLayerPart',
      ],
      resources: [repositoryIn(region)],
    }),
    new PolicyStatement({
      actions: ['ecr:DescribeImages'],
      resources: imageRegions(deployment).map(repositoryIn),
    }),
  ];
}
