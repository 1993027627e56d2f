import { dirname, join, relative, sep } from 'node:path';
import { readWholeJson } from './whole-json.ts';

/** A file or folder of an assembly that is uploaded, as its asset manifest has it. */
export interface FileAsset {
  /** Within the assembly. */
  readonly path: string;
  readonly packaging: string;
  readonly destinations: readonly { readonly bucketName: string; readonly objectKey: string }[];
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
 * @throws Error when it asks for more: a manifest may name a command that makes the file, or an image to be built, which would
 *   run what nobody has approved with the rights of who publishes; or for a file outside of the assembly
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
