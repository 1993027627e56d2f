import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as bundle } from 'esbuild';
import { buildPackage, type Repository } from '../../build-package.ts';
import { layImage } from './image.ts';

const source = fileURLToPath(new URL('..', import.meta.url));

/**
 * Makes the folder that is published: one bundle, which brings the names that it shares with the sidecar, its types, and
 * what its image is built from.
 *
 * @param repository named in package.json; nothing where it is only tried
 * @throws Error with the compiler's words when the sources do not compile
 */
export async function build(folder: string, repository?: Repository): Promise<void> {
  await buildPackage(source, folder, repository);
  await bundle({
    entryPoints: [join(source, 'src', 'index.ts')],
    outfile: join(folder, 'index.js'),
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    // What the application brings.
    external: ['aws-cdk-lib', 'constructs'],
    logLevel: 'warning',
  });
  await layImage(join(folder, 'image'));
}

if (import.meta.main) {
  const folder = fileURLToPath(new URL('../dist', import.meta.url));
  await build(folder);
  console.log(`Built into ${folder}. Publish it from there: npm publish ${folder}`);
}
