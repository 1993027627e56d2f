import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { build } from '../scripts/build.ts';

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const here = (name: string) => dirname(require.resolve(`${name}/package.json`));

interface ImageAsset {
  readonly source: { readonly directory: string; readonly platform?: string };
  /** The folder that it is built from. */
  readonly folder: string;
}

/** A CDK application with the package installed as npm packs it. */
export interface StrangersProject extends AsyncDisposable {
  readonly folder: string;
  /** The files in the package. */
  readonly packed: readonly string[];
  /** The path of a file of the installed package. */
  installed(name: string): string;
  readme(): Promise<string>;
  /** The compiler's output for files of the project, under its strictest settings. */
  compilerOutput(...files: string[]): Promise<string>;
  /** Writes the files of the README's example, runs its app as the CDK CLI does, and reads the results. */
  synthesize(): Promise<{ template: Template; images: readonly ImageAsset[] }>;
}

export interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: unknown }>>;
}

/**
 * Packs the package and installs it into a new folder without a registry. Its dependencies are linked there.
 *
 * @param cdk the folders of `aws-cdk-lib` and `constructs`; default: those of this repository
 */
export async function strangersProject(
  cdk: Readonly<Record<'aws-cdk-lib' | 'constructs', string>> = {
    'aws-cdk-lib': here('aws-cdk-lib'),
    constructs: here('constructs'),
  },
): Promise<StrangersProject> {
  const folder = await mkdtemp(join(tmpdir(), 'strangers-project-'));
  const npm = async (cwd: string, ...words: string[]) => {
    const { stdout } = await run('npm', [...words, '--json', '--offline'], { cwd });
    return JSON.parse(stdout);
  };
  const modules = join(folder, 'node_modules');
  await build(join(folder, 'built'));
  const answer = await npm(folder, 'pack', './built');
  const [archive] = Array.isArray(answer) ? answer : Object.values(answer);
  await rm(join(folder, 'built'), { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  // The peer dependencies are linked below, so npm must not look for them.
  await npm(folder, 'install', `./${archive.filename}`, '--legacy-peer-deps');
  await mkdir(join(modules, '@types'), { recursive: true });
  for (const [name, target] of Object.entries({ ...cdk, '@types/node': here('@types/node') })) {
    await symlink(target, join(modules, name));
  }
  const installed = (name: string) => join(modules, 'cdk-kerberos-sidecar', name);
  const readme = () => readFile(installed('README.md'), 'utf8');

  return {
    folder,
    packed: archive.files.map(({ path }: { path: string }) => path),
    installed,
    readme,
    async compilerOutput(...files) {
      const compiler = join(here('typescript'), 'bin', 'tsc');
      const options = [
        // The usual four checkers would each process the CDK's declarations.
        '--checkers',
        '1',
        '--strict',
        '--noEmit',
        '--module',
        'nodenext',
        '--target',
        'es2024',
      ];
      const checked = await run(process.execPath, [compiler, ...options, '--types', 'node', ...files], {
        cwd: folder,
      }).catch((error: { stdout: string }) => error);
      return checked.stdout;
    },
    async synthesize() {
      for (const [, path = '', text = ''] of (await readme()).matchAll(/^`(\S+)`:\n\n```\w+\n(.*?)```/gms)) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), text);
      }
      const output = join(folder, 'cdk.out');
      await run(process.execPath, ['app.ts'], { cwd: folder, env: { ...process.env, CDK_OUTDIR: output } });
      const read = async (name: string) => JSON.parse(await readFile(join(output, name), 'utf8'));
      const { dockerImages } = await read('report.assets.json');
      return {
        template: await read('report.template.json'),
        images: Object.values(dockerImages as Record<string, ImageAsset>).map(({ source }) => ({
          source,
          folder: join(output, source.directory),
        })),
      };
    },
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}
