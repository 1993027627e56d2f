import {
  DescribeImageScanFindingsCommand,
  DescribeImagesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  ImageNotFoundException,
  ScanNotFoundException,
} from '@aws-sdk/client-ecr';
import { awsClient } from '../../aws/clients.ts';

/** One image in the registry, by its tag. */
export interface ImageReference {
  readonly repository: string;
  readonly tag: string;
}

/** How grave what a scan has found is, the gravest first. */
export const severities = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'] as const;
export type Severity = (typeof severities)[number];

export interface ScanResult {
  /** How many findings there are of each severity. */
  readonly counts: Readonly<Partial<Record<string, number>>>;
}

/** The registry of one region of the account whose credentials are at hand. */
export class Registry {
  readonly #client: ECRClient;

  constructor(region: string) {
    this.#client = awsClient(ECRClient, { region });
  }

  /** The password that `docker login` takes for the user AWS; good for twelve hours. */
  async password(): Promise<string> {
    const { authorizationData } = await this.#client.send(new GetAuthorizationTokenCommand({}));
    const token = authorizationData?.[0]?.authorizationToken;
    if (!token) throw new Error('ECR gave no authorization token.');
    return Buffer.from(token, 'base64').toString('utf8').replace(/^AWS:/, '');
  }

  /** The digest of an image, `sha256:…`; undefined when there is no such tag. */
  async digest({ repository, tag }: ImageReference): Promise<string | undefined> {
    try {
      const { imageDetails } = await this.#client.send(
        new DescribeImagesCommand({ repositoryName: repository, imageIds: [{ imageTag: tag }] }),
      );
      return imageDetails?.[0]?.imageDigest;
    } catch (error) {
      if (error instanceof ImageNotFoundException) return undefined;
      throw error;
    }
  }

  /**
   * What the scan of an image has found; undefined while it is still at work.
   *
   * @throws {Error} when the scan failed, or cannot look into such an image
   */
  async scan({ repository, tag }: ImageReference): Promise<ScanResult | undefined> {
    try {
      const { imageScanStatus, imageScanFindings } = await this.#client.send(
        new DescribeImageScanFindingsCommand({
          repositoryName: repository,
          imageId: { imageTag: tag },
          maxResults: 1,
        }),
      );
      switch (imageScanStatus?.status) {
        case 'COMPLETE':
        case 'ACTIVE':
          return { counts: imageScanFindings?.findingSeverityCounts ?? {} };
        case 'IN_PROGRESS':
        case 'PENDING':
          return undefined;
        default:
          throw new Error(
            `ECR could not scan ${repository}:${tag}: ${imageScanStatus?.status ?? 'no status'}. ${imageScanStatus?.description ?? ''}`.trim(),
          );
      }
    } catch (error) {
      // Just pushed: the scan has not begun.
      if (error instanceof ScanNotFoundException) return undefined;
      throw error;
    }
  }
}
