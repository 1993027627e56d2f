import type { BuildEnvironment } from 'aws-cdk-lib/aws-codebuild';
import { LinuxArmBuildImage, LinuxBuildImage } from 'aws-cdk-lib/aws-codebuild';
import type { Deployment } from '../config/index.ts';

/** Where the pipeline's own programs run. */
export const standardBuildImage = LinuxBuildImage.AMAZON_LINUX_2023_5;

/**
 * Where the tests run: on the Debian release and the Node.js version that `npm test` supports and that the images use.
 */
export const testBuildImage = LinuxBuildImage.fromDockerRegistry(
  'public.ecr.aws/docker/library/node:24-bookworm',
);

/**
 * Where images are built: on the processor architecture they will run on, privileged, in a machine that serves only this
 * build. With a CodeBuild Docker server the build would not need to be privileged, but such a server is kept for a month
 * and shared by the builds of all commits: an unapproved commit could leave something there that ends up in a later,
 * approved image.
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
