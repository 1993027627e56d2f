import { type BaseImage, baseImagePurl } from '../../aws/provenance/base-images.ts';
import type { DebianPackage } from './debian-packages.ts';

interface Component {
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
  readonly 'bom-ref'?: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly pedigree?: { readonly ancestors: readonly Component[] };
}

/** The part of a CycloneDX document that this module changes; the rest of the output of `npm sbom` is kept. */
export interface BillOfMaterials {
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: string;
  readonly metadata: { readonly component?: Component; readonly [key: string]: unknown };
  readonly components: readonly Component[];
  readonly dependencies?: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

export interface ImageContents {
  /** For example `windows-auth/web`. */
  readonly repository: string;
  readonly tag: string;
  /** The version of Node.js in the image, without the leading v. */
  readonly nodeVersion: string;
  readonly debian: readonly DebianPackage[];
  readonly baseImages: readonly BaseImage[];
}

/**
 * The bill of materials of an image, in CycloneDX: the npm packages of its service as npm lists them, the Debian packages,
 * and Node.js. It has no timestamp or serial number, so the same image gives the same document.
 *
 * @param npm the output of `npm sbom --sbom-format cyclonedx` for the service
 * @see https://cyclonedx.org/docs/1.5/json/
 * @see https://github.com/package-url/purl-spec/blob/main/types-doc/deb-definition.md
 */
export function billOfMaterials(
  npm: BillOfMaterials & { readonly serialNumber?: string },
  contents: ImageContents,
): BillOfMaterials {
  const { serialNumber: _, metadata, components, dependencies = [], ...document } = npm;
  const { timestamp: __, ...lasting } = metadata;
  const image: Component = {
    type: 'container',
    name: contents.repository,
    version: contents.tag,
    'bom-ref': `${contents.repository}:${contents.tag}`,
    pedigree: { ancestors: contents.baseImages.map(ancestor) },
  };
  const added: Component[] = [
    {
      type: 'platform',
      name: 'node',
      version: contents.nodeVersion,
      purl: `pkg:generic/node@${contents.nodeVersion}`,
    },
    ...contents.debian.map(debianComponent),
  ].map((component) => ({ ...component, 'bom-ref': component.purl }));
  const service = metadata.component?.['bom-ref'];
  return {
    ...document,
    metadata: { ...lasting, component: image },
    components: [...(metadata.component ? [metadata.component] : []), ...components, ...added],
    dependencies: [
      {
        ref: image['bom-ref'] ?? '',
        dependsOn: [...(service ? [service] : []), ...added.map(({ purl }) => purl ?? '')],
      },
      ...dependencies,
    ],
  };
}

function ancestor(image: BaseImage): Component {
  const hash = { alg: 'SHA-256', content: image.digest.replace(/^sha256:/, '') };
  const { name, digest } = image;
  return { type: 'container', name, version: digest, purl: baseImagePurl(image), hashes: [hash] };
}

function debianComponent({
  name,
  version,
  architecture,
  source,
}: DebianPackage): Component & { purl: string } {
  const qualifiers = new URLSearchParams({ arch: architecture, distro: 'debian-12', upstream: source });
  return {
    type: 'library',
    name,
    version,
    purl: `pkg:deb/debian/${name}@${encodeURIComponent(version)}?${qualifiers}`,
  };
}
