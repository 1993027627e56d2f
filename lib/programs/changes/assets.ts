import { dirname, join, relative, sep } from 'node:path';
import { readWholeJson } from './whole-json.ts';

/** A file or folder of an assembly to upload, from its asset manifest. */
export interface FileAsset {
  /** The path within the assembly. */
  readonly path: string;
  readonly packaging: string;
  readonly destinations: readonly {
    readonly bucketName: string;
    readonly objectKey: string;
    readonly region?: string;
  }[];
}

interface Manifest {
  readonly files?: Readonly<
    Record<
      string,
      {
        readonly source: Readonly<Record<string, unknown>>;
        readonly destinations: Readonly<Record<string, FileAsset['destinations'][number]>>;
      }
    >
  >;
  readonly dockerImages?: object;
}

/**
 * The files that an asset manifest uploads.
 *
 * @param manifest its path within the assembly
 * @throws Error when the manifest names a command that creates a file, or an image to build, because these would run
 *   unapproved code with the publisher's permissions; or when it names a file outside of the assembly
 */
export function fileAssets(assembly: string, manifest: string): FileAsset[] {
  const { files = {}, dockerImages = {} } = readWholeJson(join(assembly, manifest)) as Manifest;
  const refuse = (what: string) =>
    new Error(
      `${manifest} ${what}. Only files from the synthesis are published, and no commands are run for them.`,
    );
  if (Object.keys(dockerImages).length > 0) throw refuse('has images to build');
  return Object.values(files).map(({ source, destinations }) => {
    const { path, packaging = 'file', ...others } = source;
    const [other] = Object.keys(others);
    if (other !== undefined) throw refuse(`has an asset with ${JSON.stringify(other)}`);
    const within =
      typeof path === 'string' ? relative(assembly, join(assembly, dirname(manifest), path)) : '';
    if (within === '' || within.split(sep)[0] === '..') {
      throw refuse(`has an asset at ${JSON.stringify(path)}, which is not in the assembly`);
    }
    return { path: within, packaging: String(packaging), destinations: Object.values(destinations) };
  });
}

/**
 * @param texts the templates for which the assets are uploaded
 * @returns a description of the first asset whose key no template refers to; undefined if there is none. Such an object
 *   could block the upload of a later commit's asset, because the publisher does not replace existing objects.
 */
export function unnamedAsset(assets: readonly FileAsset[], texts: readonly string[]): string | undefined {
  const isNamed = (key: string) =>
    /^[0-9a-f]{64}\.\w+$/.test(key) && texts.some((text) => text.includes(key));
  for (const { path, destinations } of assets) {
    const other = destinations.find(({ objectKey }) => !isNamed(objectKey));
    if (other) return `uploads ${path} as ${other.bucketName}/${other.objectKey}, which no template names`;
  }
  return undefined;
}
