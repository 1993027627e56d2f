// `node services/bundle.ts <sidecar|web> <folder>`: makes one service ready to run without this repository, as its image
// and the rehearsal both run it: one JavaScript file an entry point, and the native addon of npm's `kerberos` beside it.
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Entry points of each service, and whether it signs in with GSSAPI. */
const services = {
  sidecar: { entryPoints: ['main', 'health'], gssapi: false },
  web: { entryPoints: ['main'], gssapi: true },
} as const;

export type ServiceName = keyof typeof services;

/**
 * Bundles a service into `folder`: `<entry point>.mjs`, and for the web service `node_modules/kerberos` with the addon
 * that was built against this machine's libkrb5.
 *
 * @throws Error when a source file does not bundle, or the addon has not been built
 */
export async function bundleService(name: ServiceName, folder: string): Promise<void> {
  const { entryPoints, gssapi } = services[name];
  const source = join(import.meta.dirname, name, 'src');
  await build({
    entryPoints: entryPoints.map((entry) => join(source, `${entry}.ts`)),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    external: ['kerberos'],
    // Some dependencies are CommonJS and call require at run time.
    banner: { js: "import{createRequire as r}from'node:module';const require=r(import.meta.url);" },
    logLevel: 'error',
  });
  if (gssapi) await copyKerberos(join(folder, 'node_modules', 'kerberos'));
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

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [name, folder] = process.argv.slice(2);
  if (!name || !(name in services) || !folder) {
    console.error(`usage: node services/bundle.ts <${Object.keys(services).join('|')}> <folder>`);
    process.exit(1);
  }
  await bundleService(name as ServiceName, folder);
}
