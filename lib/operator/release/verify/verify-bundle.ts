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

/** What is known of one image: what is stated and verified, or why nothing is to be believed. */
export interface VerifiedImage {
  readonly name: string;
  readonly digest: string;
  readonly verified: boolean;
  /** Others have built it, as the configuration says: there is nothing of ours to verify. */
  readonly given?: boolean;
  /** One sentence, when it is not verified. */
  readonly problem?: string;
  readonly stated?: StatedImage;
  /** Another commit is deployed than the image was built of, and it has left it unchanged. */
  readonly unchanged?: StatedUnchanged;
  /** How many parts the bill of materials lists. */
  readonly components?: number;
}

/**
 * Verifies the statements of a bundle. What is expected comes from the configuration and not from the bundle: the
 * repository, and which images there must be.
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
      problem: `Nothing is known of an image ${name}, which the configuration has: its service is not deployed here, or runs another one.`,
    })),
  ];
}

function componentsIn(sbom: string): number {
  const { components = [] } = JSON.parse(sbom) as { components?: unknown[] };
  return components.length;
}
