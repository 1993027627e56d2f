import { cp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { bundle } from '@packages/service/bundle';

const fontFiles = ['latin', 'latin-ext'].map((part) => `files/bricolage-grotesque-${part}-wght-normal.woff2`);

/**
 * Bundles the web service's two programs, `main.mjs` and `health.mjs`, for Node 24, together with the files that the
 * page loads. The image contains the result, and the rehearsal runs it. It contains no native code.
 */
export async function buildService(outputDirectory: string): Promise<void> {
  await bundle(import.meta.dirname, outputDirectory);
  await copyAssets(outputDirectory);
}

/**
 * Copies what the page loads: our own files next to the bundle, and the font to where the bundle's
 * `import.meta.resolve` finds it.
 */
async function copyAssets(outputDirectory: string): Promise<void> {
  await cp(join(import.meta.dirname, 'src', 'assets'), join(outputDirectory, 'assets'), { recursive: true });
  const name = '@fontsource-variable/bricolage-grotesque';
  const font = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  const folder = join(outputDirectory, 'node_modules', name);
  for (const file of ['package.json', 'LICENSE', ...fontFiles])
    await cp(join(font, file), join(folder, file));
}
