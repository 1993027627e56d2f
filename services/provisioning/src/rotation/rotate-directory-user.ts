import { randomUUID } from 'node:crypto';
import { CURRENT, PENDING } from '../secrets/secrets.ts';
import { type RotationOptions, rotationStep, rotationSteps } from './rotation-steps.ts';

/**
 * Rotates the password of a directory user in one call, with the four steps that Secrets Manager calls one by one. A
 * rotation that was left unfinished is finished, and no other one is started.
 *
 * @returns the id of the secret's new version
 */
export async function rotateDirectoryUser(
  options: RotationOptions & { readonly secretId: string },
): Promise<string> {
  const { secrets, secretId } = options;
  const left = await secrets.holder(secretId, PENDING);
  const current = await secrets.holder(secretId, CURRENT);
  const token = left !== undefined && left !== current ? left : randomUUID();
  for (const step of rotationSteps) await rotationStep(step, { secretId, token }, options);
  return token;
}
