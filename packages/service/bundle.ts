import { join, resolve } from 'node:path';
import { build } from 'esbuild';

/**
 * Bundles a service's programs, by default `main.mjs` and `health.mjs`, for Node 24, for its image and for the rehearsal.
 * Dynamic imports become separate chunks, which are loaded on demand.
 *
 * @param service the folder of the service, with `src/main.ts` and, unless `programs` says otherwise, `src/health.ts`
 * @returns the source files in the bundle, as paths from the repository's root
 */
export async function bundle(
  service: string,
  outputDirectory: string,
  programs: readonly string[] = ['main', 'health'],
): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: join(import.meta.dirname, '..', '..'),
    metafile: true,
    entryPoints: programs.map((name) => join(service, 'src', `${name}.ts`)),
    outdir: resolve(outputDirectory),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // Packages in CommonJS format (tedious, pino) require Node's own modules.
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    logLevel: 'warning',
  });
  return Object.keys(metafile.inputs);
}
