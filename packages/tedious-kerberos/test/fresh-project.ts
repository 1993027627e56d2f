import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { build as buildKerberos } from '../../kerberos/scripts/build.ts';
import { build } from '../scripts/build.ts';

/** A project outside this repository with the packages installed as they would be published. */
export interface FreshProject {
  readonly folder: string;
  /** Runs a program in it with this environment and nothing of ours but PATH and HOME. @throws Error with its output */
  run(program: string, args: readonly string[], environment?: NodeJS.ProcessEnv): Promise<string>;
  /** Runs npm in it with our environment, which it may need to reach the registry. @throws Error with npm's output */
  npm(...args: readonly string[]): Promise<string>;
  dispose(): Promise<void>;
}

/** Options of `npm install`. */
export const quickly = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];

/**
 * Installs the packages as npm packs them, along with other dependencies.
 *
 * @param manifest the project's package.json, without the packages of this repository
 * @throws Error with npm's output if the installation fails
 */
export async function installFreshProject(manifest: {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly overrides?: Readonly<Record<string, string>>;
}): Promise<FreshProject> {
  const folder = await mkdtemp(join(tmpdir(), 'fresh-project-'));
  const dispose = () => rm(folder, { recursive: true, force: true });
  const run: FreshProject['run'] = async (program, args, environment = {}) => {
    const { PATH, HOME } = process.env;
    const env = { PATH, HOME, ...environment };
    const { stdout } = await execa(program, args, { cwd: folder, env, extendEnv: false });
    return stdout;
  };
  const npm: FreshProject['npm'] = async (...args) =>
    (await execa('npm', args, { cwd: folder, env: surroundings(), extendEnv: false })).stdout;
  try {
    const own = Object.fromEntries([
      ['kerberos-client', await pack(buildKerberos, folder)],
      ['tedious-kerberos', await pack(build, folder)],
    ]);
    const dependencies = { ...own, ...manifest.dependencies };
    await writeFile(
      join(folder, 'package.json'),
      JSON.stringify({ ...manifest, private: true, type: 'module', dependencies }),
    );
    await npm('install', ...quickly);
    await cp(fileURLToPath(new URL('libraries', import.meta.url)), folder, { recursive: true });
    return { folder, run, npm, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function pack(buildInto: (folder: string) => Promise<void>, folder: string): Promise<string> {
  const dist = join(folder, 'dist');
  await buildInto(dist);
  const { stdout } = await execa('npm', ['pack', dist, '--json', '--pack-destination', folder]);
  const packed = JSON.parse(stdout);
  const [{ filename }] = Array.isArray(packed) ? packed : Object.values(packed);
  await rm(dist, { recursive: true });
  return `file:${filename}`;
}

/** Our environment without the variables with which npm describes the project that it runs this test for. */
function surroundings(): NodeJS.ProcessEnv {
  const foreign = /^(npm_(lifecycle|package)_|npm_config_(local_)?prefix$|INIT_CWD$|NODE_ENV$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}
