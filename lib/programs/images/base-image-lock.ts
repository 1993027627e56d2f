import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import * as z from 'zod';
import { progress } from '../program.ts';

/** The file in the repository with the digests that base images must have. */
export const baseImageLockFile = 'base-images.json';

const digest = z
  .string('it must be a digest.')
  .regex(/^sha256:[0-9a-f]{64}$/, 'it must be a digest, such as sha256:…, of 64 hexadecimal digits.');
const lockSchema = z.record(z.string(), digest, 'it must be an object that maps names of images to digests.');
/** Digests by image name with tag. If it is empty, no image is locked. */
export type BaseImageLock = z.infer<typeof lockSchema>;

/** @throws Error naming each entry that is not a digest, or what is wrong with the file */
export function readBaseImageLock(file = baseImageLockFile): BaseImageLock {
  if (!existsSync(file)) return {};
  const result = lockSchema.safeParse(parsed(file));
  if (result.success) return result.data;
  throw new Error(
    result.error.issues.map(({ path, message }) => `${[file, ...path].join(': ')}: ${message}`).join('\n'),
  );
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file} is not JSON: ${(error as Error).message}`);
  }
}

/**
 * Refuses a base image whose digest is not the locked one. If the lock has any entry, it must have all images; otherwise a
 * new tag would be used unchecked.
 *
 * @throws Error with what to do
 */
export function checkLock(lock: BaseImageLock, name: string, digest: string): void {
  if (Object.keys(lock).length === 0 || lock[name] === digest) return;
  const renew = 'Review what is new, update the lock with "npm run lock-base-images", and push it.';
  throw new Error(
    lock[name]
      ? `${baseImageLockFile} requires ${name} to be ${lock[name]}, but the registry has ${digest}: the tag has moved, usually for security updates. ${renew}`
      : `${baseImageLockFile} has no digest for ${name}, which is ${digest} in the registry. ${renew}`,
  );
}

const manifest = z.object({ digest });
const attempts = 5;

/**
 * Looks up the current digest of an image in its registry: that of its index or its manifest. Retries on errors, because
 * AWS's public registry accepts only one request per second without sign-in.
 *
 * @param intervalSeconds the delay before the first retry; it doubles with each further one
 * @throws Error when the registry does not return a digest
 * @see https://docs.docker.com/reference/cli/docker/buildx/imagetools/inspect/
 * @see https://docs.aws.amazon.com/AmazonECR/latest/public/public-service-quotas.html
 */
export async function askRegistry(name: string, intervalSeconds = 5): Promise<string> {
  const args = ['buildx', 'imagetools', 'inspect', '--format', '{{json .Manifest}}', name];
  const options = { timeout: 60_000, reject: false } as const;
  for (let attempt = 1; ; attempt += 1) {
    const { stdout, stderr = '', failed, code } = await execa('docker', args, options);
    if (code === 'ENOENT') throw new Error('Looking up base images needs docker with buildx: install both.');
    if (!failed) return manifest.parse(JSON.parse(stdout)).digest;
    const words = stderr.trim().split('\n').at(-1) || 'docker does not answer';
    if (attempt === attempts) throw new Error(`The base image ${name} cannot be looked up: ${words}`);
    progress(`The registry did not return the digest of ${name}, trying again: ${words}`);
    await delay(intervalSeconds * 2 ** (attempt - 1) * 1000);
  }
}
