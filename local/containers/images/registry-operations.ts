import { AwsFault, type Operations } from '../../pipeline/aws/aws-endpoint.ts';
import type { ImageRegistry } from '../registry/image-registry.ts';

interface Input {
  readonly repositoryName: string;
  readonly imageIds?: readonly { readonly imageTag: string }[];
  readonly imageId?: { readonly imageTag: string };
}

/**
 * The operations of Amazon ECR that the image programs call, answered from a registry on this machine. A scan finds
 * nothing here: there is no scanner, so the gate on findings is passed and not tried.
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
