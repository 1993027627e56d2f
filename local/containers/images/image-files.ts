import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { ContainerEngine } from '../engine.ts';

/** One entry of an image's root file system. */
export interface ImageFile {
  /** Without the first slash. */
  readonly path: string;
  /** As `ls -l` writes it, for example `-rwxr-xr-x`. */
  readonly mode: string;
  /** `uid/gid`. */
  readonly owner: string;
  /** Bytes. */
  readonly size: number;
}

/**
 * Lists every file of an image by exporting a container of it that never runs.
 *
 * @throws Error when the engine cannot export it
 */
export async function imageFiles(engine: ContainerEngine, reference: string): Promise<ImageFile[]> {
  const container = await engine.run(['create', '--network=none', reference]);
  try {
    const source = spawn(engine.name, ['export', container], {
      env: engine.environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const list = spawn('tar', ['--list', '--verbose', '--numeric-owner', '--full-time'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    source.stdout.pipe(list.stdin);
    const files: ImageFile[] = [];
    createInterface({ input: list.stdout }).on('line', (line) => {
      const found = /^(\S{10})\s+(\S+)\s+(\d+)\s+\S+\s+\S+\s+(.*?)(?: (?:->|link to) .*)?$/.exec(line);
      const [, mode = '', owner = '', size = '0', path = ''] = found ?? [];
      files.push({ path: path.replace(/^\.\//, '').replace(/\/$/, ''), mode, owner, size: Number(size) });
    });
    const [[exported], [listed]] = await Promise.all([once(source, 'close'), once(list, 'close')]);
    if (exported !== 0 || listed !== 0) throw new Error(`${engine.name} could not export ${reference}.`);
    return files;
  } finally {
    await engine.run(['rm', '--force', '--volumes', container]);
  }
}

/** Names of the Debian packages that an image holds files of. */
export function debianPackages(files: readonly ImageFile[]): string[] {
  const folder = 'var/lib/dpkg/status.d/';
  return files.filter(({ path }) => path.startsWith(folder)).map(({ path }) => path.slice(folder.length));
}

/** Files that run as their owner, whoever starts them. */
export function setuidFiles(files: readonly ImageFile[]): string[] {
  return files.filter(({ mode }) => mode.startsWith('-') && /[sS]/.test(mode)).map(({ path }) => path);
}
