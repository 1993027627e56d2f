import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import * as z from 'zod';
import { progress } from '../program.ts';

/** The digests that base images must have, in the repository. */
export const baseImageLockFile = 'base-images.json';

const digest = z
  .string('it must be a digest.')
  .regex(/^sha256:[0-9a-f]{64}$/, 'it must be a digest, such as sha256:…, of 64 hexadecimal digits.');
const lockSchema = z.record(z.string(), digest, 'it must be an object of digests by the names of images.');
/** Digests by the names of images, with their tags. Of an empty one nothing is locked. */
export type BaseImageLock = z.infer<typeof lockSchema>;

/** @throws Error a sentence for each entry that is no digest, or one for the file */
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

const manifest = z.object({ digest });
const attempts = 5;

/**
 * What a name stands for in its registry now: the digest of its index, or of its manifest. A registry that does not say is
 * asked again: one of AWS takes a question a second of those who have not signed in.
 *
 * @param intervalSeconds before the second question; twice as long before each one after it
 * @throws Error in a sentence when the registry does not say
 * @see https://docs.docker.com/reference/cli/docker/buildx/imagetools/inspect/
 * @see https://docs.aws.amazon.com/AmazonECR/latest/public/public-service-quotas.html
 */
export async function askRegistry(name: string, intervalSeconds = 5): Promise<string> {
  const args = ['buildx', 'imagetools', 'inspect', '--format', '{{json .Manifest}}', name];
  const options = { timeout: 60_000, reject: false } as const;
  for (let attempt = 1; ; attempt += 1) {
    const { stdout, stderr = '', failed, code } = await execa('docker', args, options);
    if (code === 'ENOENT') throw new Error('The registry is asked by docker with buildx: install both.');
    if (!failed) return manifest.parse(JSON.parse(stdout)).digest;
    const words = stderr.trim().split('\n').at(-1) || 'docker does not answer';
    if (attempt === attempts) throw new Error(`Nothing is known of the base image ${name}: ${words}`);
    progress(`The registry does not say what ${name} is, and is asked again: ${words}`);
    await delay(intervalSeconds * 2 ** (attempt - 1) * 1000);
  }
}
