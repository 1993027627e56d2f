import type { NamedImage } from '../../config/provenance-names.ts';
import { ReleaseError } from '../errors.ts';

/** Left out: builds run in images of AWS, and their results are verified instead. */
const builds = 'AWS::CodeBuild::Project';
/** The properties in which resources name images. */
const properties = ['Image', 'ImageUri', 'ImageIdentifier'];

/**
 * The images that a template's resources run, without duplicates.
 *
 * @param given names of images that others built; left out, because nothing is recorded about them here
 * @throws ReleaseError if an image is not named by its digest, because it is not certain what would run
 */
export function templateImages(
  template: Readonly<Record<string, unknown>>,
  given: readonly string[] = [],
): NamedImage[] {
  const resources = Object.values((template.Resources ?? {}) as Record<string, { readonly Type?: string }>);
  const references = resources.filter(({ Type }) => Type !== builds).flatMap(imagesIn);
  const unknown = references.filter((reference) => !given.includes(inEcr(reference)));
  return [...new Set(unknown)].map((reference) => {
    const [, name, digest] = /^[^/]+\/([^@:]+)@(sha256:[0-9a-f]{64})$/.exec(reference) ?? [];
    if (name && digest) return { name, digest };
    throw new ReleaseError(`A template runs the image ${reference}, which must be named by its digest.`);
  });
}

/** The image's name as the configuration has it; templates leave the host name's suffix to the partition. */
function inEcr(reference: string): string {
  return String(reference).replace('.{AWS::URLSuffix}/', '.amazonaws.com/');
}

function imagesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(imagesIn);
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, item]) =>
    properties.includes(key) ? [textOf(item)] : imagesIn(item),
  );
}

/** The text of a property; values known only at deployment appear by name. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref, 'Fn::Join': join, 'Fn::Sub': sub } = (value ?? {}) as Record<string, unknown>;
  if (Ref) return `{${Ref}}`;
  if (Array.isArray(join)) return (join[1] as unknown[]).map(textOf).join(String(join[0]));
  return typeof sub === 'string' ? sub : JSON.stringify(value);
}
