import { AwsFault, type Operations } from '../../pipeline/aws/aws-endpoint.ts';
import type { ImageRegistry } from '../registry/image-registry.ts';

interface Input {
  readonly repositoryName: string;
  readonly imageIds?: readonly { readonly imageTag: string }[];
  readonly imageId?: { readonly imageTag: string };
}

/**
 * The Amazon ECR operations that the image programs call, answered from a registry on this machine. There is no scanner
 * here, so scans report no findings and the gate on findings passes without being tested.
 */
export function registryOperations(registry: ImageRegistry): Operations {
  const find = async (repository: string, tag = '') => {
    const image = await registry.image(repository, tag);
    if (!image) throw new AwsFault('ImageNotFoundException', `There is no image ${repository}:${tag}.`);
    return image;
  };
  return {
    'ECR.GetAuthorizationToken': () => ({
      authorizationData: [{ authorizationToken: Buffer.from(`AWS:${registry.password}`).toString('base64') }],
    }),
    'ECR.DescribeImages': async (input) => {
      const { repositoryName, imageIds } = input as unknown as Input;
      const tag = imageIds?.[0]?.imageTag;
      const { digest, compressedBytes } = await find(repositoryName, tag);
      return {
        imageDetails: [{ repositoryName, imageDigest: digest, imageSizeInBytes: compressedBytes }],
      };
    },
    'ECR.DescribeImageScanFindings': async (input) => {
      const { repositoryName, imageId } = input as unknown as Input;
      await find(repositoryName, imageId?.imageTag);
      return { imageScanStatus: { status: 'COMPLETE' }, imageScanFindings: { findingSeverityCounts: {} } };
    },
  };
}
