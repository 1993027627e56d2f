import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { ContainerEngine } from '../engine.ts';

/** One entry of an image's root file system. */
export interface ImageFile {
  /** Without the leading slash. */
  readonly path: string;
  /** As `ls -l` shows it, for example `-rwxr-xr-x`. */
  readonly mode: string;
  /** `uid/gid`. */
  readonly owner: string;
  /** In bytes. */
  readonly size: number;
}

/**
 * Lists all files of an image by exporting a container that is created from it but not run.
 *
 * @throws Error when the engine cannot export it
 */
export async function imageFiles(engine: ContainerEngine, reference: string): Promise<ImageFile[]> {
  return exported(engine, reference, async (archive) => {
    const list = ['--list', '--verbose', '--numeric-owner', '--full-time', '--file', archive];
    const { stdout } = await execa('tar', list, { lines: true, stdin: 'ignore' });
    return stdout.map((line) => {
      const found = /^(\S{10})\s+(\S+)\s+(\d+)\s+\S+\s+\S+\s+(.*?)(?: (?:->|link to) .*)?$/.exec(line);
      const [, mode = '', owner = '', size = '0', path = ''] = found ?? [];
      return { path: path.replace(/^\.\//, '').replace(/\/$/, ''), mode, owner, size: Number(size) };
    });
  });
}

/** Files that engines add to the containers they create. */
const madeByEngines = [
  '/.dockerenv',
  '/dev',
  '/etc/hostname',
  '/etc/hosts',
  '/etc/mtab',
  '/etc/resolv.conf',
  '/proc',
  '/run/.containerenv',
  '/sys',
];

/**
 * Describes every file of an image: type, mode, owner, modification time, link target, SHA-256 of the content. Images
 * with equal descriptions have the same content, even if different engines have packed their layers. Times of folders
 * are left out because engines change them.
 */
export async function imageContent(engine: ContainerEngine, reference: string): Promise<string[]> {
  return exported(engine, reference, async (archive, folder) => {
    const root = join(folder, 'root');
    await mkdir(root);
    const extract = ['--extract', '--numeric-owner', '--preserve-permissions', '--file', archive];
    await execa('tar', [...extract, '--directory', root], { stdin: 'ignore' });
    const lines: string[] = [];
    for (const path of (await readdir(root, { recursive: true })).sort()) {
      if (madeByEngines.some((made) => `/${path}` === made || `/${path}`.startsWith(`${made}/`))) continue;
      const file = join(root, path);
      const { mode, uid, gid, mtimeMs } = await lstat(file);
      const type = mode & constants.S_IFMT;
      let content = '';
      if (type === constants.S_IFLNK) content = await readlink(file);
      else if (type === constants.S_IFREG) content = `${mtimeMs} ${sha256(await readFile(file))}`;
      lines.push(`${path} ${mode.toString(8)} ${uid}:${gid} ${content}`);
    }
    return lines;
  });
}

/** Exports a container of the image and passes the archive to `use`. */
async function exported<T>(
  engine: ContainerEngine,
  reference: string,
  use: (archive: string, folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'image-files-'));
  const archive = join(folder, 'root.tar');
  const container = await engine.run(['create', '--network=none', reference]);
  try {
    await engine.run(['export', '--output', archive, container]);
    return await use(archive, folder);
  } finally {
    await rm(folder, { recursive: true });
    await engine.run(['rm', '--force', '--volumes', container]);
  }
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Names of the Debian packages whose files are in an image. */
export function debianPackages(files: readonly ImageFile[]): string[] {
  const folder = 'var/lib/dpkg/status.d/';
  return files.filter(({ path }) => path.startsWith(folder)).map(({ path }) => path.slice(folder.length));
}

/** Files that run with their owner's or group's rights (setuid or setgid). */
export function setuidFiles(files: readonly ImageFile[]): string[] {
  return files.filter(({ mode }) => mode.startsWith('-') && /[sS]/.test(mode)).map(({ path }) => path);
}
