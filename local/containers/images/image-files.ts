import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
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
  const folder = await mkdtemp(join(tmpdir(), 'image-files-'));
  const archive = join(folder, 'root.tar');
  const container = await engine.run(['create', '--network=none', reference]);
  try {
    await engine.run(['export', '--output', archive, container]);
    const { stdout } = await execa(
      'tar',
      ['--list', '--verbose', '--numeric-owner', '--full-time', '--file', archive],
      { lines: true, stdin: 'ignore' },
    );
    return stdout.map((line) => {
      const found = /^(\S{10})\s+(\S+)\s+(\d+)\s+\S+\s+\S+\s+(.*?)(?: (?:->|link to) .*)?$/.exec(line);
      const [, mode = '', owner = '', size = '0', path = ''] = found ?? [];
      return { path: path.replace(/^\.\//, '').replace(/\/$/, ''), mode, owner, size: Number(size) };
    });
  } finally {
    await rm(folder, { recursive: true });
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
