import type { BuildEnvironment } from 'aws-cdk-lib/aws-codebuild';
import { LinuxArmBuildImage, LinuxBuildImage } from 'aws-cdk-lib/aws-codebuild';
import type { Deployment } from '../config/index.ts';

/** Where the pipeline's own programs run. */
export const standardBuildImage = LinuxBuildImage.AMAZON_LINUX_2023_5;

/**
 * Where the tests run: the Debian release and the Node.js that `npm test` sets itself up on, and that the images are
 * made of.
 */
export const testBuildImage = LinuxBuildImage.fromDockerRegistry(
  'public.ecr.aws/docker/library/node:24-bookworm',
);

/**
 * Where images are built: on the processor they will run on, with privileges in a machine of this one build's own. A Docker
 * server of CodeBuild's would spare the build its privileges, but it is kept for a month and serves the builds of all
 * commits: one that was never approved could leave something behind there, which then builds the image of one that is.
 *
 * @see https://docs.aws.amazon.com/codebuild/latest/userguide/sample-docker-section.html
 */
export function imageBuildEnvironment({ images }: Deployment): BuildEnvironment {
  return {
    buildImage:
      images.architecture === 'arm64'
        ? LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_3_0
        : LinuxBuildImage.AMAZON_LINUX_2023_5,
    privileged: true,
  };
}
