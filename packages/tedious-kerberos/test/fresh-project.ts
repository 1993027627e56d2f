import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { build as buildKerberos } from '../../kerberos/scripts/build.ts';
import { build } from '../scripts/build.ts';

/** A project outside of this repository, which has installed what would be published. */
export interface FreshProject {
  readonly folder: string;
  /** Runs a program in it, with this environment and nothing else of ours. @throws Error with what it has printed */
  run(program: string, args: readonly string[], environment?: NodeJS.ProcessEnv): Promise<string>;
  dispose(): Promise<void>;
}

/**
 * Installs the packages, as npm packs them, and others beside them.
 *
 * @param manifest its package.json, but for the packages of this repository
 * @throws Error with npm's words when it cannot be installed
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
    await run('npm', ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund']);
    await cp(fileURLToPath(new URL('libraries', import.meta.url)), folder, { recursive: true });
    return { folder, run, dispose };
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
