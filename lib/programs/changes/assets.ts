import { dirname, join, relative, sep } from 'node:path';
import { readWholeJson } from './whole-json.ts';

/** A file or folder of an assembly that is uploaded, as its asset manifest has it. */
export interface FileAsset {
  /** Within the assembly. */
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
 * @throws Error when it asks for more: a manifest may name a command that makes the file, or an image to be built, which
 *   would run what nobody has approved with the rights of who publishes; or for a file outside of the assembly
 */
export function fileAssets(assembly: string, manifest: string): FileAsset[] {
  const { files = {}, dockerImages = {} } = readWholeJson(join(assembly, manifest)) as Manifest;
  const refuse = (what: string) =>
    new Error(
      `${manifest} ${what}. Only files that the synthesis has made are published, and nothing is run for them.`,
    );
  if (Object.keys(dockerImages).length > 0) throw refuse('asks for images to be built');
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
 * @param texts the templates that the assets are uploaded for
 * @returns what is wrong with the first asset under a name that no template has: it would lie there in the place of what a
 *   later commit uploads, as nothing is uploaded twice
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
