import * as z from 'zod';

/** An image of another maker that an image was built from. */
export interface BaseImage {
  /** As the Dockerfile has it: with its tag, where it names one. */
  readonly name: string;
  /** `sha256:…` of what the registry gave for it. */
  readonly digest: string;
}

/** The label of an image that says from which images it was built. */
export const baseImagesLabel = 'base-images';

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

/** Words such as `name:tag@sha256:…`, with blanks between them: a label's value. */
export function baseImagesText(images: readonly BaseImage[]): string {
  return images.map(({ name, digest }) => `${name}@${digest}`).join(' ');
}

/** @throws Error when a word names no digest */
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
 * Base images of which these images stand on several versions: services that were built at different times.
 *
 * @returns one sentence for each
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
    return [`Not all stand on the same ${base}: ${list.join('; ')}.`];
  });
}
