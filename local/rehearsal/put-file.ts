import { randomUUID } from 'node:crypto';
import { chmod, copyFile, rename } from 'node:fs/promises';

/** Copies a file in one step: services that start side by side find no file, or the whole of it. */
export async function putFile(source: string, target: string): Promise<void> {
  const fresh = `${target}.${randomUUID()}`;
  await copyFile(source, fresh);
  await chmod(fresh, 0o644);
  await rename(fresh, target);
}
