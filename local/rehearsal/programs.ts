import { access, chmod, copyFile, link, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buildSidecar } from '../../services/sidecar/build.ts';
import { buildWeb } from '../../services/web/build.ts';
import type { ProcessTaskOptions } from '../service/process-task.ts';

/**
 * Makes the programs of a task, as its images hold them, in a folder where the services' users may read them:
 * the bundled entry points, and Node.js itself.
 */
export async function buildPrograms(stateDirectory: string): Promise<ProcessTaskOptions['programs']> {
  const folder = join(stateDirectory, 'programs');
  const node = join(folder, 'node', 'bin', 'node');
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'node', 'bin'), { recursive: true });
  await Promise.all([
    buildSidecar(join(folder, 'sidecar')),
    buildWeb(join(folder, 'web')),
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
