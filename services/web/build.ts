import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

const fontFiles = ['latin', 'latin-ext'].map((part) => `files/bricolage-grotesque-${part}-wght-normal.woff2`);

/**
 * Bundles the web service's two programs, `main.mjs` and `health.mjs`, for Node 24, with npm's `kerberos` and its native part in `node_modules` beside it:
 * what the image holds and the rehearsal runs.
 *
 * @throws Error when the native part has not been built against this machine's libkrb5
 */
export async function buildWeb(outputDirectory: string): Promise<void> {
  await build({
    entryPoints: ['main', 'health'].map((name) => join(import.meta.dirname, 'src', `${name}.ts`)),
    outdir: outputDirectory,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    external: ['kerberos'],
    // Packages in CommonJS format (tedious, pino) require Node's own modules.
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    logLevel: 'warning',
  });
  await copyKerberos(join(outputDirectory, 'node_modules', 'kerberos'));
  await copyAssets(outputDirectory);
}

/** What the page loads: our own files beside the bundle, the font where the bundle's `import.meta.resolve` finds it. */
async function copyAssets(outputDirectory: string): Promise<void> {
  await cp(join(import.meta.dirname, 'src', 'assets'), join(outputDirectory, 'assets'), { recursive: true });
  const name = '@fontsource-variable/bricolage-grotesque';
  const font = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  const folder = join(outputDirectory, 'node_modules', name);
  for (const file of ['package.json', 'LICENSE', ...fontFiles])
    await cp(join(font, file), join(folder, file));
}

async function copyKerberos(folder: string): Promise<void> {
  const kerberos = dirname(createRequire(import.meta.url).resolve('kerberos/package.json'));
  const addon = join('build', 'Release', 'kerberos.node');
  await mkdir(dirname(join(folder, addon)), { recursive: true });
  await cp(join(kerberos, 'lib'), join(folder, 'lib'), { recursive: true });
  await cp(join(kerberos, addon), join(folder, addon)).catch(() => {
    throw new Error(
      'The Kerberos addon has not been built: run `npm rebuild kerberos` (it needs libkrb5-dev).',
    );
  });
  const { name, version, main } = JSON.parse(await readFile(join(kerberos, 'package.json'), 'utf8'));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name, version, main }));
}

if (import.meta.main) {
  await buildWeb(process.argv[2] ?? join(import.meta.dirname, 'dist'));
}
