import type { Deployment } from './deployment.ts';

/** The two images of a task. */
export const imageNames = ['web', 'sidecar'] as const;
export type ImageName = (typeof imageNames)[number];

/** The digest (`sha256:…`) of each image. */
export type ImageDigests = Readonly<Record<ImageName, string>>;

/** Stands in for a digest where nothing was built; the pipeline refuses it. */
export const placeholderDigest = `sha256:${'0'.repeat(64)}`;
export const placeholderDigests: ImageDigests = { web: placeholderDigest, sidecar: placeholderDigest };

/**
 * The repository of an image. It stands in the tools account, and bears the same name in the tools region and
 * in every environment's region: images are pushed to the tools region and replicated by the registry to the
 * others, because a task without NAT reaches the registry of its own region only.
 */
export function imageRepositoryName(deployment: Deployment, image: ImageName): string {
  return `${deployment.name}/${image}`;
}
