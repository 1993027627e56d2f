import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { execa } from 'execa';

export interface PatchedTedious {
  /** The module, built from the patched source. */
  readonly tedious: typeof import('tedious');
  dispose(): Promise<void>;
}

/**
 * Applies a patch to the source of the installed tedious, taken from its source maps, and builds it.
 *
 * @throws Error with git's output if the patch does not apply
 */
export async function patchedTedious(patch: URL): Promise<PatchedTedious> {
  const require = createRequire(import.meta.url);
  const installed = dirname(require.resolve('tedious/package.json'));
  const project = await mkdtemp(join(tmpdir(), 'patched-tedious-'));
  const folder = join(project, 'node_modules', 'tedious');
  const dispose = () => rm(project, { recursive: true, force: true });
  try {
    await writeSources(installed, folder);
    await execa('git', ['apply', '--whitespace=nowarn', fileURLToPath(patch)], {
      cwd: folder,
      env: { GIT_CEILING_DIRECTORIES: dirname(project) },
    });
    const manifest = await readFile(join(installed, 'package.json'), 'utf8');
    await writeFile(join(folder, 'package.json'), manifest);
    await buildSources(folder);
    for (const name of Object.keys(JSON.parse(manifest).dependencies)) {
      const target = join(folder, 'node_modules', name);
      await mkdir(dirname(target), { recursive: true });
      await symlink(packageFolder(name, installed), target);
    }
    return { tedious: require(join(folder, 'lib', 'tedious.js')), dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** The npm package contains no source files, but its source maps contain their text. */
async function writeSources(installed: string, folder: string): Promise<void> {
  const maps = (await readdir(join(installed, 'lib'), { recursive: true })).filter((name) =>
    name.endsWith('.js.map'),
  );
  for (const name of maps) {
    const { sources, sourcesContent } = JSON.parse(await readFile(join(installed, 'lib', name), 'utf8'));
    const path = normalize(join(folder, 'lib', dirname(name), sources[0]));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, sourcesContent[0]);
  }
}

async function buildSources(folder: string): Promise<void> {
  const names = await readdir(join(folder, 'src'), { recursive: true });
  for (const name of names.filter((file) => file.endsWith('.ts'))) {
    const source = await readFile(join(folder, 'src', name), 'utf8');
    const { code } = await transform(source, { loader: 'ts', format: 'cjs', target: 'node22' });
    const path = join(folder, 'lib', name.replace(/\.ts$/, '.js'));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, code);
  }
}

function packageFolder(name: string, from: string): string {
  const places = createRequire(join(from, 'package.json')).resolve.paths(name) ?? [];
  const require = createRequire(import.meta.url);
  for (const place of places) {
    try {
      return dirname(require.resolve(join(place, name, 'package.json')));
    } catch {
      // not here; try the next place
    }
  }
  throw new Error(`${name} is not installed.`);
}
