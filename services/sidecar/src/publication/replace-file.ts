import { open, rename, rm } from 'node:fs/promises';

export interface ReplaceOptions {
  readonly mode: number;
  /** The group to give the file; default: the one that a new file gets. */
  readonly gid?: number;
}

/**
 * Writes a file next to its place, then renames it into place, so that a reader finds either the old or the new file,
 * and finds it whole. On failure the old one stays.
 */
export async function replaceFile(
  path: string,
  content: Buffer | string,
  options: ReplaceOptions,
): Promise<void> {
  const next = `${path}.next`;
  try {
    await rm(next, { force: true });
    const file = await open(next, 'wx', 0o600);
    try {
      await file.writeFile(content);
      if (options.gid !== undefined && (await file.stat()).gid !== options.gid) {
        await file.chown(-1, options.gid);
      }
      await file.chmod(options.mode);
    } finally {
      await file.close();
    }
    await rename(next, path);
  } catch (error) {
    await rm(next, { force: true }).catch(() => {});
    throw error;
  }
}
