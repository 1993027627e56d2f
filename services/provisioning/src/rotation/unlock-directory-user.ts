import type { Directory } from '../directory/directory.ts';
import { AccountUnusableError } from '../directory/password-check.ts';
import { passwordWorks } from '../directory-user/provision-directory-user.ts';
import { silent } from '../progress.ts';
import { ProvisioningError } from '../provisioning-error.ts';
import { parseCredentials } from '../secrets/credentials.ts';
import { CURRENT } from '../secrets/secrets.ts';
import type { RotationOptions } from './rotation-steps.ts';

/**
 * Lets the directory user in again after too many refused passwords: lifts the lock, enables the user, and sets the
 * secret's current password, so that directory and secret agree whatever their state was.
 *
 * @returns the user's name
 * @throws ProvisioningError if the user still cannot sign in
 */
export async function unlockDirectoryUser(
  options: Omit<RotationOptions, 'announce' | 'warn' | 'directory'> & {
    readonly directory: Directory;
    readonly secretId: string;
  },
): Promise<string> {
  const { directory, secrets, secretId, checkPassword, progress = silent, limit = 60_000 } = options;
  const current = await secrets.read(secretId, { stage: CURRENT });
  const { username, password } = parseCredentials(secretId, current?.value ?? '');
  await directory.unlock(username);
  await directory.setPassword(username, password);
  progress(`${username} is enabled, and has the password of its secret.`);
  try {
    await passwordWorks(checkPassword, username, password, limit);
  } catch (error) {
    if (!(error instanceof AccountUnusableError)) throw error;
    throw new ProvisioningError(
      `${username} is still locked or disabled: a lock ends by itself after the time that the directory's policy sets (30 ` +
        'minutes by default), if nobody goes on trying passwords; find who does (security log, event 4740).',
      { cause: error },
    );
  }
  progress(`${username} can sign in.`);
  return username;
}
