import { existsSync, readFileSync } from 'node:fs';
import { execa } from 'execa';
import * as z from 'zod';

/** The digests that base images must have, in the repository. */
export const baseImageLockFile = 'base-images.json';

const lockSchema = z.record(
  z.string(),
  z
    .string('it must be a digest.')
    .regex(/^sha256:[0-9a-f]{64}$/, 'it must be a digest, such as sha256:…, of 64 hexadecimal digits.'),
);
/** Digests by the names of images, with their tags. Of an empty one nothing is locked. */
export type BaseImageLock = z.infer<typeof lockSchema>;

/** @throws Error a sentence for each entry that is no digest */
export function readBaseImageLock(file = baseImageLockFile): BaseImageLock {
  if (!existsSync(file)) return {};
  const result = lockSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (result.success) return result.data;
  throw new Error(
    result.error.issues.map(({ path, message }) => `${file}: ${path.join('.')}: ${message}`).join('\n'),
  );
}

/**
 * Refuses a base image that is not the one that is locked. Where anything is locked, all must be: a new tag would else
 * be taken as it comes.
 *
 * @throws Error a sentence with what to do
 */
export function checkLock(lock: BaseImageLock, name: string, digest: string): void {
  if (Object.keys(lock).length === 0 || lock[name] === digest) return;
  const renew = 'Look at what is new, renew the lock by "npm run lock-base-images", and push it.';
  throw new Error(
    lock[name]
      ? `${baseImageLockFile} takes ${name} as ${lock[name]} alone, and the registry has ${digest}: the tag was moved, most often for security updates. ${renew}`
      : `${baseImageLockFile} has digests, but none of ${name}, which is ${digest} in the registry. ${renew}`,
  );
}

const manifest = z.object({ digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) });

/**
 * What a name stands for in its registry now: the digest of its index, or of its manifest.
 *
 * @throws Error in a sentence when the registry does not say
 * @see https://docs.docker.com/reference/cli/docker/buildx/imagetools/inspect/
 */
export async function askRegistry(name: string): Promise<string> {
  const args = ['buildx', 'imagetools', 'inspect', '--format', '{{json .Manifest}}', name];
  const { stdout, stderr, failed } = await execa('docker', args, { timeout: 120_000, reject: false });
  const words = stderr.trim().split('\n').at(-1);
  if (failed)
    throw new Error(`Nothing is known of the base image ${name}: ${words || 'docker does not answer'}`);
  return manifest.parse(JSON.parse(stdout)).digest;
}
