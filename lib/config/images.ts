import { type ContainerName, containerNames } from '@packages/contracts';
import type { Deployment } from './deployment.ts';
import { furtherServices } from './services.ts';

/** The name of an image: `sidecar`, or the name of the image's service. */
export type ImageName = string;

/**
 * The images that a deployment builds: one for each container of web's task, and one for each further service without a
 * given image.
 */
export function imageNames({ services }: Pick<Deployment, 'services'>): readonly ImageName[] {
  const built = Object.entries(services).filter(([, { image }]) => image === undefined);
  return [...containerNames, ...built.map(([name]) => name)];
}

/** The images built by others that an environment runs, by their URIs. */
export function givenImages(
  deployment: Pick<Deployment, 'services'>,
  environment: Parameters<typeof furtherServices>[1],
): readonly string[] {
  const given = furtherServices(deployment, environment).flatMap(({ image }) => image?.uri ?? []);
  return [...new Set(given)];
}

/** A value for each image: those of web's task are always present, others only if they are built. */
export type PerImage<Value> = Readonly<Record<ContainerName, Value>> & Readonly<Record<ImageName, Value>>;

/** @returns a value for each image that a deployment builds */
export function perImage<Value>(
  deployment: Pick<Deployment, 'services'>,
  make: (image: ImageName, index: number) => Value,
): PerImage<Value> {
  const made = imageNames(deployment).map((image, index) => [image, make(image, index)] as const);
  return Object.fromEntries(made) as PerImage<Value>;
}

/** The digest (`sha256:…`) of each image. */
export type ImageDigests = PerImage<string>;

/** Stands in for a digest if nothing was built; the pipeline rejects it. */
export const placeholderDigest = `sha256:${'0'.repeat(64)}`;
/** Placeholders for web's images; `digestOf` gives all others the placeholder, too. */
export const placeholderDigests = perImage({ services: {} }, () => placeholderDigest);

/** @returns the digest of an image, or the placeholder if it was not built */
export function digestOf(images: ImageDigests, image: ImageName): string {
  return images[image] ?? placeholderDigest;
}

/**
 * The name of an image's repository. The repository is in the tools account and has the same name in the tools region
 * and in every environment's region: images are pushed to the tools region and replicated by the registry to the
 * others, because a task without NAT reaches only the registry of its own region.
 */
export function imageRepositoryName(deployment: Deployment, image: ImageName): string {
  return `${deployment.name}/${image}`;
}
