import { type ContainerName, containerNames } from '@packages/contracts';
import type { Deployment } from './deployment.ts';
import { furtherServices } from './services.ts';

/** The name of an image: `sidecar`, or that of the service that it is of. */
export type ImageName = string;

/**
 * The images that a deployment builds: one for each container of web's task, and one for each further service whose image is
 * not given.
 */
export function imageNames({ services }: Pick<Deployment, 'services'>): readonly ImageName[] {
  const built = Object.entries(services).filter(([, { image }]) => image === undefined);
  return [...containerNames, ...built.map(([name]) => name)];
}

/** The images of others that an environment runs, by their names in the registry. */
export function givenImages(
  deployment: Pick<Deployment, 'services'>,
  environment: Parameters<typeof furtherServices>[1],
): readonly string[] {
  const given = furtherServices(deployment, environment).flatMap(({ image }) => image?.uri ?? []);
  return [...new Set(given)];
}

/** Something for each image: for those of web's task always, for others if they are built. */
export type PerImage<Value> = Readonly<Record<ContainerName, Value>> & Readonly<Record<ImageName, Value>>;

/** @returns what is made for each image that a deployment builds */
export function perImage<Value>(
  deployment: Pick<Deployment, 'services'>,
  make: (image: ImageName, index: number) => Value,
): PerImage<Value> {
  const made = imageNames(deployment).map((image, index) => [image, make(image, index)] as const);
  return Object.fromEntries(made) as PerImage<Value>;
}

/** The digest (`sha256:…`) of each image. */
export type ImageDigests = PerImage<string>;

/** Stands in for a digest where nothing was built; the pipeline refuses it. */
export const placeholderDigest = `sha256:${'0'.repeat(64)}`;
/** Of all images, whatever their names: `digestOf`. */
export const placeholderDigests = perImage({ services: {} }, () => placeholderDigest);

/** @returns the digest of an image, or the placeholder of one that was not built */
export function digestOf(images: ImageDigests, image: ImageName): string {
  return images[image] ?? placeholderDigest;
}

/**
 * The repository of an image. It stands in the tools account, and has the same name in the tools region and
 * in every environment's region: images are pushed to the tools region and replicated by the registry to the
 * others, because a task without NAT reaches the registry of its own region only.
 */
export function imageRepositoryName(deployment: Deployment, image: ImageName): string {
  return `${deployment.name}/${image}`;
}
