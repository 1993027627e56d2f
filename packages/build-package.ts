import { execFile } from 'node:child_process';
import { copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Where the source of a published package is. */
export interface Repository {
  /** `https://…`, without the name. */
  readonly server: string;
  /** Owner and name. */
  readonly name: string;
  /** The package's folder in it. */
  readonly directory: string;
}

/**
 * Builds the folder that is published for a package: JavaScript, type declarations, Markdown files, licence, and a
 * package.json that refers to them. Inside this repository the packages run from their source, without a build.
 *
 * @param source folder of the package in this repository
 * @param repository the repository to name in package.json; omit it for a trial build
 * @throws Error with the compiler's output if the source does not compile
 */
export async function buildPackage(source: string, folder: string, repository?: Repository): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await compile(source, folder);
  await importDeclarationsAsJavaScript(folder);
  await writeFile(
    join(folder, 'package.json'),
    `${JSON.stringify(await manifest(source, repository), undefined, 2)}\n`,
  );
  for (const name of await readdir(source)) {
    if (name.endsWith('.md')) await copyFile(join(source, name), join(folder, name));
  }
  await copyFile(join(root, 'LICENSE'), join(folder, 'LICENSE'));
}

async function compile(source: string, folder: string): Promise<void> {
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
    throw new Error(`${source} does not compile:\n${(error as { stdout: string }).stdout}`);
  }
}

/** The compiler rewrites imports of `./x.ts` to `./x.js` in JavaScript, but not in declarations, where they would break. */
async function importDeclarationsAsJavaScript(folder: string): Promise<void> {
  const files = await readdir(folder, { recursive: true });
  for (const file of files.filter((name) => name.endsWith('.d.ts'))) {
    const path = join(folder, file);
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace(/(from ')(\.{1,2}\/[^']+)\.ts(')/g, '$1$2.js$3'));
  }
}

async function manifest(source: string, repository?: Repository): Promise<object> {
  const {
    private: _,
    scripts: __,
    devDependencies: ___,
    publishConfig,
    ...fields
  } = JSON.parse(await readFile(join(source, 'package.json'), 'utf8'));
  const { exports, bin, ...publish } = publishConfig;
  const { server, name, directory } = repository ?? {};
  const where = repository && {
    repository: { type: 'git', url: `git+${server}/${name}.git`, directory },
  };
  return { ...fields, ...where, exports, ...(bin ? { bin } : {}), publishConfig: publish };
}
