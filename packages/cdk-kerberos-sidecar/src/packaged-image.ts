import { fileURLToPath } from 'node:url';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';

/**
 * The image built from this package's Dockerfile, for the processor architecture of the tasks.
 *
 * @param architecture as in a task definition; `undefined`: that of the machine that builds
 */
export function packagedImage(architecture: string | undefined): ContainerImage {
  return ContainerImage.fromAsset(fileURLToPath(new URL('./image', import.meta.url)), {
    ...(architecture && { platform: architecture === 'ARM64' ? Platform.LINUX_ARM64 : Platform.LINUX_AMD64 }),
  });
}
