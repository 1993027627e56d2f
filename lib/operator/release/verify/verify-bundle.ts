import type { KeyObject } from 'node:crypto';
import type { StatedImage } from '../../../aws/provenance/statement.ts';
import type { StatedUnchanged } from '../../../aws/provenance/unchanged.ts';
import { verifyImage } from '../../../aws/provenance/verify-image.ts';
import { verifySbom } from '../../../aws/provenance/verify-statement.ts';
import {
  type Deployment,
  givenImages,
  imageNames,
  imageRepositoryName,
  sourceAddress,
} from '../../../config/index.ts';
import type { Bundle } from './bundle.ts';

/** The result for one image: its verified statements, or why it is not verified. */
export interface VerifiedImage {
  readonly name: string;
  readonly digest: string;
  readonly verified: boolean;
  /** Others built it, according to the configuration, so there is nothing to verify. */
  readonly given?: boolean;
  /** Why it is not verified, in one sentence. */
  readonly problem?: string;
  readonly stated?: StatedImage;
  /** Set if the deployed commit is not the one that the image was built from, and left it unchanged. */
  readonly unchanged?: StatedUnchanged;
  /** The number of components in the bill of materials. */
  readonly components?: number;
}

/**
 * Verifies the statements of a bundle. The expected repository and images come from the configuration, not from the
 * bundle.
 */
export function verifyBundle(deployment: Deployment, bundle: Bundle, key: KeyObject): VerifiedImage[] {
  const wanted = imageNames(deployment).map((image) => imageRepositoryName(deployment, image));
  const missing = wanted.filter((name) => !bundle.images.some((image) => image.name === name));
  return [
    ...bundle.images.map(({ name, digest, sbom, ...signed }): VerifiedImage => {
      const expected = {
        name,
        digest,
        repository: sourceAddress(deployment),
        revision: bundle.execution.revision,
      };
      try {
        const verified = verifyImage(signed, key, expected);
        const { stated } = verified;
        const components = componentsIn(verifySbom(sbom, stated));
        return { name, digest, verified: true, ...verified, components };
      } catch (error) {
        return { name, digest, verified: false, problem: (error as Error).message };
      }
    }),
    ...deployment.environments
      .filter(({ name }) => name === bundle.environment)
      .flatMap((environment) => givenImages(deployment, environment))
      .map((uri): VerifiedImage => {
        const [name = '', digest = ''] = uri.split('@');
        const problem = 'Given by the configuration: neither built nor signed here.';
        return { name, digest, verified: false, given: true, problem };
      }),
    ...missing.map((name) => ({
      name,
      digest: '',
      verified: false,
      problem: `Nothing is known about the image ${name}, which the configuration requires: its service is not deployed here, or runs another one.`,
    })),
  ];
}

function componentsIn(sbom: string): number {
  const { components = [] } = JSON.parse(sbom) as { components?: unknown[] };
  return components.length;
}
