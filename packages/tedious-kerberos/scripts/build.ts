import { fileURLToPath } from 'node:url';
import { buildPackage } from '../../build-package.ts';

/** Builds the folder that is published. @throws Error with the compiler's output if the source does not compile */
export function build(folder: string): Promise<void> {
  return buildPackage(fileURLToPath(new URL('..', import.meta.url)), folder);
}

if (import.meta.main) {
  const folder = fileURLToPath(new URL('../dist', import.meta.url));
  await build(folder);
  console.log(`Built into ${folder}. Publish it from there: npm publish ${folder}`);
}
