import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFileSetProducer } from 'aws-cdk-lib/pipelines';
import { type Deployment, type ImageName, imageRepositoryName } from '../../config/index.ts';
import { imageBuildEnvironment } from '../build-images.ts';
import { imageRegions } from '../image-regions.ts';
import { BuildStep } from './build-step.ts';

export interface ImageStepProps {
  readonly deployment: Deployment;
  readonly image: ImageName;
  readonly source: IFileSetProducer;
  /** Pipeline variable with the commit (or object version) that is built: the image's tag. */
  readonly revision: string;
}

/**
 * Builds, scans and describes one image, once for each commit, and exports its digest.
 * Its bill of materials is the step's artifact.
 */
export class ImageStep extends BuildStep {
  constructor({ deployment, image, source, revision }: ImageStepProps) {
    const { account, region } = deployment.tools;
    const repository = imageRepositoryName(deployment, image);
    const regions = imageRegions(deployment);
    super(`Image-${image}`, {
      buildspec: 'image',
      input: source,
      primaryOutputDirectory: 'sbom',
      env: {
        SERVICE: image,
        IMAGE_REGISTRY: `${account}.dkr.ecr.${region}.amazonaws.com`,
        IMAGE_REPOSITORY: repository,
        IMAGE_REGIONS: regions.join(' '),
        IMAGE_TAG: revision,
        FAIL_ON_SEVERITY: deployment.images.failOnSeverity,
      },
      buildEnvironment: imageBuildEnvironment(deployment),
      timeout: Duration.minutes(30),
      rolePolicyStatements: [
        // This one action has no resource level.
        new PolicyStatement({ actions: ['ecr:GetAuthorizationToken'], resources: ['*'] }),
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
          resources: [`arn:aws:ecr:${region}:${account}:repository/${repository}`],
        }),
        new PolicyStatement({
          actions: ['ecr:DescribeImages'],
          resources: regions.map((name) => `arn:aws:ecr:${name}:${account}:repository/${repository}`),
        }),
      ],
    });
  }

  /** Pipeline variable with the digest of the image. */
  get digest(): string {
    return this.exportedVariable('IMAGE_DIGEST');
  }
}
