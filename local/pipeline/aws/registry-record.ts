import { createHash } from 'node:crypto';
import { AwsFault, type Operations } from './aws-endpoint.ts';

export interface RegistryRecord {
  readonly digest: string;
  /** Seconds since 1970, when the digest was first pushed; another tag that it gets later does not change it. */
  readonly pushedAt: number;
  readonly findings?: readonly { readonly name: string; readonly severity: string }[];
  /** The revision in its label; default: the tag that it was pushed with. */
  readonly revision?: string;
}

interface ImageIdentifier {
  readonly imageTag?: string;
  readonly imageDigest?: string;
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json';

/**
 * Amazon ECR with immutable tags: the operations that the programs call.
 *
 * @param images by `repository:tag`
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html
 */
export function registryRecord(images: Map<string, RegistryRecord>): Operations {
  const all = (repository: unknown, { imageTag, imageDigest }: ImageIdentifier) =>
    [...images]
      .filter(([name, { digest }]) =>
        imageTag === undefined
          ? name.startsWith(`${repository}:`) && digest === imageDigest
          : name === `${repository}:${imageTag}`,
      )
      .map(([name, image]) => ({ ...image, tag: name.slice(name.indexOf(':') + 1) }));
  const find = (repository: unknown, identifier: ImageIdentifier) => {
    const [image] = all(repository, identifier);
    if (image) return image;
    throw new AwsFault(
      'ImageNotFoundException',
      `There is no image ${repository}:${identifier.imageTag ?? identifier.imageDigest}.`,
    );
  };
  return {
    'ECR.DescribeImages': ({ repositoryName, imageIds }) => {
      const { digest, pushedAt } = find(repositoryName, (imageIds as ImageIdentifier[])[0] ?? {});
      return { imageDetails: [{ imageDigest: digest, imagePushedAt: pushedAt }] };
    },
    'ECR.DescribeImageScanFindings': ({ repositoryName, imageId }) => {
      const { findings = [] } = find(repositoryName, imageId as ImageIdentifier);
      const counts = Map.groupBy(findings, ({ severity }) => severity);
      const findingSeverityCounts = Object.fromEntries(
        [...counts].map(([name, { length }]) => [name, length]),
      );
      return {
        imageScanStatus: { status: 'COMPLETE' },
        imageScanFindings: { findings, findingSeverityCounts },
      };
    },
    'ECR.StartImageScan': () => ({ imageScanStatus: { status: 'IN_PROGRESS' } }),
    'ECR.BatchGetImage': ({ repositoryName, imageIds }) => {
      const [image] = all(repositoryName, (imageIds as ImageIdentifier[])[0] ?? {});
      if (!image) return { images: [], failures: [{ failureCode: 'ImageNotFound' }] };
      return { images: [{ imageManifest: manifestOf(image.digest), imageManifestMediaType: manifestType }] };
    },
    'ECR.GetDownloadUrlForLayer': ({ repositoryName, layerDigest }) => {
      const [name = '', image] =
        [...images].find(
          ([key, { digest }]) => key.startsWith(`${repositoryName}:`) && configOf(digest) === layerDigest,
        ) ?? [];
      if (!image) throw new AwsFault('LayersNotFoundException', 'The layer does not exist.');
      const revision = image.revision ?? name.slice(name.indexOf(':') + 1);
      const config = { config: { Labels: { 'org.opencontainers.image.revision': revision } } };
      return {
        layerDigest,
        downloadUrl: `data:application/json,${encodeURIComponent(JSON.stringify(config))}`,
      };
    },
    'ECR.PutImage': ({ repositoryName, imageTag, imageDigest, imageManifest, imageManifestMediaType }) => {
      if (imageManifest !== manifestOf(String(imageDigest))) {
        throw new AwsFault('ImageDigestDoesNotMatchException', 'The digest does not match the manifest.');
      }
      // The manifest does not state its own media type.
      if (imageManifestMediaType !== manifestType) {
        throw new AwsFault('InvalidParameterException', 'The media type does not match the manifest.');
      }
      const tagged = images.get(`${repositoryName}:${imageTag}`);
      if (tagged?.digest === imageDigest) {
        throw new AwsFault('ImageAlreadyExistsException', `${imageDigest} has the tag ${imageTag} already.`);
      }
      if (tagged) {
        throw new AwsFault('ImageTagAlreadyExistsException', `The tag ${imageTag} belongs to another image.`);
      }
      const { tag, ...image } = find(repositoryName, { imageDigest: String(imageDigest) });
      images.set(`${repositoryName}:${imageTag}`, { revision: tag, ...image });
      return { image: { repositoryName, imageId: { imageTag, imageDigest } } };
    },
  };
}

/** A manifest without a media type, which OCI permits. */
function manifestOf(digest: string): string {
  return JSON.stringify({ schemaVersion: 2, config: { digest: configOf(digest) }, layers: [] });
}

function configOf(digest: string): string {
  return `sha256:${createHash('sha256').update(`configuration of ${digest}`).digest('hex')}`;
}
