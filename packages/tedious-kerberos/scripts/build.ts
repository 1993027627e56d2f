import { execFile } from 'node:child_process';
import { copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const source = fileURLToPath(new URL('..', import.meta.url));
const repository = join(source, '..', '..');

/**
 * Makes the folder that is published: JavaScript, types, README, licence, and a package.json that points to them.
 * In this repository the package runs from its sources, without a build.
 *
 * @throws Error with the compiler's words when the sources do not compile
 */
export async function build(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await compile(folder);
  await importDeclarationsAsJavaScript(folder);
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(await manifest(), undefined, 2)}\n`);
  await copyFile(join(source, 'README.md'), join(folder, 'README.md'));
  await copyFile(join(repository, 'LICENSE'), join(folder, 'LICENSE'));
}

async function compile(folder: string): Promise<void> {
  const typescript = createRequire(import.meta.url).resolve('typescript/package.json');
  const compiler = join(dirname(typescript), 'bin', 'tsc');
  try {
    await promisify(execFile)(process.execPath, [
      compiler,
      '-p',
      join(source, 'tsconfig.build.json'),
      '--outDir',
      folder,
    ]);
  } catch (error) {
    throw new Error(`tedious-kerberos does not compile:\n${(error as { stdout: string }).stdout}`);
  }
}

/** The compiler writes `./x.js` into JavaScript, but leaves `./x.ts` in declarations, where no such file is. */
async function importDeclarationsAsJavaScript(folder: string): Promise<void> {
  const files = await readdir(folder, { recursive: true });
  for (const file of files.filter((name) => name.endsWith('.d.ts'))) {
    const path = join(folder, file);
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace(/(from ')(\.{1,2}\/[^']+)\.ts(')/g, '$1$2.js$3'));
  }
}

async function manifest(): Promise<object> {
  const {
    private: _,
    scripts: __,
    publishConfig,
    ...fields
  } = JSON.parse(await readFile(join(source, 'package.json'), 'utf8'));
  const { exports, ...publish } = publishConfig;
  return { ...fields, exports, publishConfig: publish };
}

if (import.meta.main) {
  const folder = join(source, 'dist');
  await build(folder);
  console.log(`Built into ${folder}. Publish it from there: npm publish ${folder}`);
}
