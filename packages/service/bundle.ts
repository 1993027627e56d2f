import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * Bundles a service's two programs, `main.mjs` and `health.mjs`, for Node 24: what its image holds and the rehearsal runs.
 * Nothing in it is native.
 *
 * @param service the folder of the service, with `src/main.ts` and, unless `programs` says otherwise, `src/health.ts`
 */
export async function bundle(
  service: string,
  outputDirectory: string,
  programs: readonly string[] = ['main', 'health'],
): Promise<void> {
  await build({
    entryPoints: programs.map((name) => join(service, 'src', `${name}.ts`)),
    outdir: outputDirectory,
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
}
