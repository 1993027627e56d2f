import {
  BatchGetImageCommand,
  DescribeImageScanFindingsCommand,
  DescribeImagesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  GetDownloadUrlForLayerCommand,
  ImageAlreadyExistsException,
  type ImageIdentifier,
  ImageNotFoundException,
  LimitExceededException,
  PutImageCommand,
  ScanNotFoundException,
  StartImageScanCommand,
  ValidationException,
} from '@aws-sdk/client-ecr';
import { awsClient } from '../../aws/clients.ts';
import type { NamedImage } from '../../config/provenance-names.ts';
import { scanOutcome } from './scan-outcome.ts';

/** One image in the registry, by its tag. */
export interface ImageReference {
  readonly repository: string;
  readonly tag: string;
}

/** The image that the registry has under a tag. */
export interface RegisteredImage {
  /** `sha256:…` */
  readonly digest: string;
  readonly pushedAt: Date;
}

/** The severities of findings, the gravest first. */
export const severities = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'] as const;
export type Severity = (typeof severities)[number];

export interface ScanResult {
  /** The number of findings of each severity. */
  readonly counts: Readonly<Partial<Record<string, number>>>;
  readonly findings: readonly { readonly id: string; readonly severity: string }[];
}

/** The media types for single images, without the index of several. */
const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];
/** Seconds to wait for a response. */
const answerLimit = 60;

/** The registry of one region, in the account of the current credentials. */
export class Registry {
  readonly #client: ECRClient;

  constructor(region: string) {
    this.#client = awsClient(ECRClient, { region });
  }

  /** The password of the user AWS for `docker login`; valid for twelve hours. */
  async password(): Promise<string> {
    const { authorizationData } = await this.#client.send(new GetAuthorizationTokenCommand({}));
    const token = authorizationData?.[0]?.authorizationToken;
    if (!token) throw new Error('ECR returned no authorization token.');
    return Buffer.from(token, 'base64').toString('utf8').replace(/^AWS:/, '');
  }

  /** The digest of an image, `sha256:…`; undefined when there is no such tag. */
  async digest(reference: ImageReference): Promise<string | undefined> {
    return (await this.image(reference))?.digest;
  }

  /** An image, and when it was pushed; undefined when there is no such tag. */
  image({ repository, tag }: ImageReference): Promise<RegisteredImage | undefined> {
    return this.#describe(repository, { imageTag: tag });
  }

  /** @returns whether there is an image with that digest, whatever tags it has */
  async has({ name, digest }: NamedImage): Promise<boolean> {
    return (await this.#describe(name, { imageDigest: digest })) !== undefined;
  }

  async #describe(repositoryName: string, image: ImageIdentifier): Promise<RegisteredImage | undefined> {
    try {
      const { imageDetails } = await this.#client.send(
        new DescribeImagesCommand({ repositoryName, imageIds: [image] }),
      );
      const { imageDigest, imagePushedAt = new Date(0) } = imageDetails?.[0] ?? {};
      return imageDigest ? { digest: imageDigest, pushedAt: imagePushedAt } : undefined;
    } catch (error) {
      if (error instanceof ImageNotFoundException) return undefined;
      throw error;
    }
  }

  /**
   * Adds a tag to an image.
   *
   * @throws Error when another image has the tag: tags in these repositories are immutable
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-retag.html
   */
  async addTag(image: NamedImage, tag: string): Promise<void> {
    const { manifest, mediaType } = await this.#manifest(image);
    try {
      await this.#client.send(
        new PutImageCommand({
          repositoryName: image.name,
          imageDigest: image.digest,
          imageTag: tag,
          imageManifest: manifest,
          // An OCI manifest need not contain its own media type.
          imageManifestMediaType: mediaType,
        }),
      );
    } catch (error) {
      // Thrown if the image already has this tag.
      if (!(error instanceof ImageAlreadyExistsException)) throw error;
    }
  }

  /**
   * The labels of an image, from its configuration.
   *
   * @throws Error when the image or its configuration cannot be read
   */
  async labels(image: NamedImage): Promise<Readonly<Record<string, string>>> {
    const { manifest } = await this.#manifest(image);
    const { config } = JSON.parse(manifest) as { config?: { digest?: string } };
    const { downloadUrl } = await this.#client.send(
      new GetDownloadUrlForLayerCommand({ repositoryName: image.name, layerDigest: config?.digest }),
    );
    const answer = await fetch(downloadUrl ?? '', { signal: AbortSignal.timeout(answerLimit * 1000) });
    if (!answer.ok) {
      throw new Error(
        `The configuration of ${image.name}@${image.digest} cannot be read: HTTP ${answer.status}.`,
      );
    }
    const parsed = (await answer.json()) as { config?: { Labels?: Record<string, string> } };
    return parsed.config?.Labels ?? {};
  }

  async #manifest({ name, digest }: NamedImage): Promise<{ manifest: string; mediaType: string }> {
    const { images = [] } = await this.#client.send(
      new BatchGetImageCommand({
        repositoryName: name,
        imageIds: [{ imageDigest: digest }],
        acceptedMediaTypes: manifestTypes,
      }),
    );
    const { imageManifest: manifest, imageManifestMediaType: mediaType } = images[0] ?? {};
    if (manifest && mediaType) return { manifest, mediaType };
    throw new Error(`The manifest of ${name}@${digest} is not in the registry.`);
  }

  /**
   * The result of an image's scan; undefined while it is still running.
   *
   * @throws Error when the scan failed, or does not support the image
   */
  async scan({ repository, tag }: ImageReference): Promise<ScanResult | undefined> {
    const findings: ScanResult['findings'][number][] = [];
    let nextToken: string | undefined;
    for (;;) {
      const page = await this.#scanPage({ repository, tag }, nextToken);
      if (!page) return undefined;
      const { imageScanStatus, imageScanFindings } = page;
      switch (imageScanStatus?.status) {
        case 'COMPLETE':
        case 'ACTIVE':
          break;
        case 'IN_PROGRESS':
        case 'PENDING':
          return undefined;
        default:
          throw new Error(
            scanOutcome(
              `${repository}:${tag}`,
              imageScanStatus?.status ?? 'no status',
              imageScanStatus?.description ?? '',
            ),
          );
      }
      for (const { name = '', severity = '' } of imageScanFindings?.findings ?? []) {
        findings.push({ id: name, severity });
      }
      for (const {
        packageVulnerabilityDetails,
        title = '',
        severity = '',
      } of imageScanFindings?.enhancedFindings ?? []) {
        findings.push({ id: packageVulnerabilityDetails?.vulnerabilityId ?? title, severity });
      }
      nextToken = page.nextToken;
      if (!nextToken) return { counts: imageScanFindings?.findingSeverityCounts ?? {}, findings };
    }
  }

  /** Requests another scan of an image. Does nothing if the image was already scanned today, or scanning is continuous. */
  async rescan({ repository, tag }: ImageReference): Promise<void> {
    try {
      await this.#client.send(
        new StartImageScanCommand({ repositoryName: repository, imageId: { imageTag: tag } }),
      );
    } catch (error) {
      // ECR allows one scan a day, and refuses a manual one with enhanced scanning, which is continuous.
      if (error instanceof LimitExceededException || error instanceof ValidationException) return;
      throw error;
    }
  }

  async #scanPage({ repository, tag }: ImageReference, nextToken: string | undefined) {
    try {
      return await this.#client.send(
        new DescribeImageScanFindingsCommand({
          repositoryName: repository,
          imageId: { imageTag: tag },
          maxResults: 1000,
          nextToken,
        }),
      );
    } catch (error) {
      // The image was just pushed, and its scan has not started.
      if (error instanceof ScanNotFoundException) return undefined;
      throw error;
    }
  }
}
