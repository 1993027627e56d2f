import { randomUUID } from 'node:crypto';
import { chmod, copyFile, rename } from 'node:fs/promises';

/** Copies a file to where services read it, that begin side by side: whoever looks finds none, or the whole of it. */
export async function putFile(source: string, target: string): Promise<void> {
  const fresh = `${target}.${randomUUID()}`;
  await copyFile(source, fresh);
  await chmod(fresh, 0o644);
  await rename(fresh, target);
}
