import { fileURLToPath } from 'node:url';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';

/**
 * The image that this package brings as a Dockerfile, for the processor that the tasks run on.
 *
 * @param architecture as a task definition writes it; `undefined`: that of the machine that builds
 */
export function packagedImage(architecture: string | undefined): ContainerImage {
  return ContainerImage.fromAsset(fileURLToPath(new URL('./image', import.meta.url)), {
    ...(architecture && { platform: architecture === 'ARM64' ? Platform.LINUX_ARM64 : Platform.LINUX_AMD64 }),
  });
}
