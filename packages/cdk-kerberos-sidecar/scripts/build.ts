import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as bundle } from 'esbuild';
import { buildPackage, type Repository } from '../../build-package.ts';
import { layImage } from './image.ts';

const source = fileURLToPath(new URL('..', import.meta.url));

/**
 * Builds the folder to publish: one bundle, which includes the names shared with the sidecar, its types, and the inputs
 * of its image.
 *
 * @param repository for package.json; undefined for a trial build
 * @throws Error with the compiler's output if the sources do not compile
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
    // Installed by the application.
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
