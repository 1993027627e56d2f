import * as z from 'zod';

/** Somebody else's image that one of our images was built from. */
export interface BaseImage {
  /** As in the Dockerfile, including the tag if it names one. */
  readonly name: string;
  /** `sha256:…` of the image that the registry returned for it. */
  readonly digest: string;
}

/** The image label that lists the base images. */
export const baseImagesLabel = 'base-images';

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

/** The label's value: words such as `name:tag@sha256:…`, separated by spaces. */
export function baseImagesText(images: readonly BaseImage[]): string {
  return images.map(({ name, digest }) => `${name}@${digest}`).join(' ');
}

/** @throws Error when a word has no digest */
export function readBaseImages(text: string): BaseImage[] {
  return text
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => {
      const at = word.lastIndexOf('@');
      return { name: z.string().min(1).parse(word.slice(0, at)), digest: digest.parse(word.slice(at + 1)) };
    });
}

/** @see https://github.com/package-url/purl-spec/blob/main/types-doc/oci-definition.md */
export function baseImagePurl({ name, digest }: BaseImage): string {
  const [, repository = '', tag] = /^(.+?)(?::([^:/]+))?$/.exec(name) ?? [];
  const tagged = tag ? `&tag=${tag}` : '';
  return `pkg:oci/${repository.split('/').at(-1)}@${encodeURIComponent(digest)}?repository_url=${repository}${tagged}`;
}

/**
 * Finds base images that these images use in several versions, because services were built at different times.
 *
 * @returns one sentence for each base image
 */
export function differingBases(
  images: readonly { readonly name: string; readonly baseImages: readonly BaseImage[] }[],
): string[] {
  const names = new Set(images.flatMap(({ baseImages }) => baseImages.map(({ name }) => name)));
  return [...names].sort().flatMap((base) => {
    const users = new Map<string, string[]>();
    for (const { name, baseImages } of images) {
      for (const { digest } of baseImages.filter((each) => each.name === base))
        users.set(digest, [...(users.get(digest) ?? []), name]);
    }
    if (users.size < 2) return [];
    const list = [...users].map(([digest, by]) => `${digest} (${by.join(', ')})`);
    return [`Not all images are built from the same ${base}: ${list.join('; ')}.`];
  });
}
