import { existsSync } from 'node:fs';
import { access, chmod, copyFile, link, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buildSidecar } from '../../services/sidecar/build.ts';
import { keptPrograms } from '../kept/kept-programs.ts';
import type { TaskPrograms } from '../service/process-task.ts';
import type { Rehearsal } from './rehearsal.ts';

export interface Programs extends TaskPrograms {
  readonly web: string;
}

const made = new WeakMap<Rehearsal, Promise<Programs>>();

/**
 * The programs of a task, as its images hold them, in a folder where the services' users may read them: the bundled entry
 * points, and Node.js itself. They are made once for a rehearsal, whose services start side by side.
 */
export function programsOf(rehearsal: Rehearsal): Promise<Programs> {
  const programs = made.get(rehearsal) ?? buildPrograms(rehearsal.stateDirectory);
  made.set(rehearsal, programs);
  return programs;
}

async function buildPrograms(stateDirectory: string): Promise<Programs> {
  const folder = join(stateDirectory, 'programs');
  const node = join(folder, 'node', 'bin', 'node');
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'node', 'bin'), { recursive: true });
  await Promise.all([
    keptPrograms('sidecar', join(folder, 'sidecar'), buildSidecar),
    keptPrograms('web', join(folder, 'web')),
    link(process.execPath, node).catch(() => copyFile(process.execPath, node)),
  ]);
  await access(node);
  await readableByAll(folder);
  return {
    node,
    sidecar: join(folder, 'sidecar', 'main.mjs'),
    health: join(folder, 'sidecar', 'health.mjs'),
    web: join(folder, 'web', 'main.mjs'),
  };
}

/** Whether a service can be bundled here; another one is known by its image alone. */
export function hasProgram(name: string): boolean {
  const folder = join(import.meta.dirname, '..', '..', 'services', name);
  return [join('src', 'main.ts'), 'build.ts'].some((file) => existsSync(join(folder, file)));
}

/**
 * Makes the programs of a further service, as its image holds them.
 *
 * @param folder the one of its code in `services/`
 * @returns its entry points; the health command is there if its image has one
 */
export async function buildServiceProgram(
  rehearsal: Rehearsal,
  name: string,
  folder: string,
): Promise<{ readonly main: string; readonly health: string }> {
  // It empties the folder of all programs first.
  await programsOf(rehearsal);
  const made = join(rehearsal.stateDirectory, 'programs', `service-${name}`);
  await rm(made, { recursive: true, force: true });
  await keptPrograms(folder, made);
  await readableByAll(made);
  return { main: join(made, 'main.mjs'), health: join(made, 'health.mjs') };
}

/** A clone that was made under a mask such as 077 has files that the services' users could not read. */
async function readableByAll(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() || entry.isDirectory()) {
      const path = join(entry.parentPath, entry.name);
      const { mode } = await stat(path);
      await chmod(path, entry.isDirectory() ? mode | 0o755 : mode | 0o444);
    }
  }
}
