import { join, resolve } from 'node:path';
import { build } from 'esbuild';

/**
 * Bundles the sidecar's two programs, `main.mjs` and `health.mjs`, for Node 24: what the image holds.
 * Split into chunks, so that the sidecar never loads the AWS SDK and its fetching process loads little else.
 *
 * @returns the files that are in it, from this repository's root
 */
export async function buildSidecar(outputDirectory: string): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: join(import.meta.dirname, '..', '..'),
    metafile: true,
    entryPoints: ['main', 'health'].map((name) => join(import.meta.dirname, 'src', `${name}.ts`)),
    outdir: outputDirectory,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // Packages in CommonJS format (close-with-grace) require Node's own modules.
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    logLevel: 'warning',
  });
  return Object.keys(metafile.inputs);
}

if (import.meta.main) {
  await buildSidecar(resolve(process.argv[2] ?? join(import.meta.dirname, 'dist')));
}
