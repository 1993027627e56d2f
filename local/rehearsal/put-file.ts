import { randomUUID } from 'node:crypto';
import { chmod, copyFile, rename } from 'node:fs/promises';

/** Copies a file atomically: services that start in parallel find either no file or a complete one. */
export async function putFile(source: string, target: string): Promise<void> {
  const fresh = `${target}.${randomUUID()}`;
  await copyFile(source, fresh);
  await chmod(fresh, 0o644);
  await rename(fresh, target);
}
