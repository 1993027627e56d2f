import { type Directory, UserExistsError } from '../directory/directory.ts';
import type { PasswordCheck } from '../directory/password-check.ts';
import { type Progress, silent } from '../progress.ts';
import { ProvisioningError } from '../provisioning-error.ts';
import { retry } from '../retry.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { type CurrentCredentials, ensureCredentials, readCredentials } from './ensure-credentials.ts';

export interface DirectoryUserOptions {
  readonly directory: Directory;
  readonly secrets: Secrets;
  /** Name or ARN of the user's secret; it is made when it is absent. */
  readonly secretId: string;
  /** sAMAccountName: at most 20 characters. */
  readonly username: string;
  /** Who makes the user, for example the id of a stack: only this owner's users are deleted by `removeDirectoryUser`. */
  readonly owner: string;
  /** Proves afterwards that the password is the user's; left out where no domain controller can be reached. */
  readonly checkPassword?: PasswordCheck;
  readonly progress?: Progress;
  /** Milliseconds to wait for what passes with time; default one minute. */
  readonly limit?: number;
}

export interface ProvisionedUser {
  readonly username: string;
  /** `adopted`: others had made it; it gets the secret's password and is not deleted by us. */
  readonly outcome: 'created' | 'kept' | 'adopted';
}

/**
 * Makes a directory user whose password is in a secret, or brings one that exists to that state. It may die anywhere and
 * be run again: what is there is kept, what is missing is added.
 *
 * @throws ProvisioningError and the errors of the AWS SDK
 */
export async function provisionDirectoryUser(options: DirectoryUserOptions): Promise<ProvisionedUser> {
  const {
    directory,
    secrets,
    secretId,
    username,
    checkPassword,
    progress = silent,
    limit = 60_000,
  } = options;
  await directory.prepare();

  const wanted = { secretId, username, domainName: directory.domainName };
  let current: CurrentCredentials | undefined = await ensureCredentials(secrets, wanted, limit);
  progress(`The secret ${secretId} holds the credentials of ${username}.`);

  const outcome = await ensureUser(options);
  progress(`The user ${username} is ${outcome}.`);

  // A rotation may go on beside this: the password that counts is the one that is current when this ends.
  for (let set: string | undefined; current && set !== current.versionId; ) {
    await directory.setPassword(username, current.credentials.password);
    set = current.versionId;
    current = await readCredentials(secrets, secretId, username);
  }
  progress(`The password of ${username} is set.`);

  if (current && checkPassword) {
    await passwordWorks(checkPassword, username, current.credentials.password, limit);
    progress(`${username} can sign in.`);
  }
  return { username, outcome };
}

/** Deletes the user if this owner made it. The secret is left to whoever made it. */
export async function removeDirectoryUser(
  options: Pick<DirectoryUserOptions, 'directory' | 'username' | 'owner' | 'progress'>,
): Promise<'deleted' | 'left'> {
  const { directory, username, owner, progress = silent } = options;
  const user = await directory.findUser(username);
  if (user?.owner !== owner) {
    progress(user ? `The user ${username} was made by others and stays.` : `There is no user ${username}.`);
    return 'left';
  }
  await directory.deleteUser(username);
  progress(`The user ${username} is deleted.`);
  return 'deleted';
}

async function ensureUser({
  directory,
  username,
  owner,
}: DirectoryUserOptions): Promise<ProvisionedUser['outcome']> {
  const known = await directory.findUser(username);
  if (known) return known.owner === owner ? 'kept' : 'adopted';
  try {
    await directory.createUser({ username, owner });
    return 'created';
  } catch (error) {
    // Made by a run before this one, and not yet seen; or by others in this moment.
    if (!(error instanceof UserExistsError)) throw error;
    const found = await directory.findUser(username);
    return found?.owner === owner ? 'kept' : 'adopted';
  }
}

/**
 * Waits until a password is accepted. Refusals count towards the account's lockout (five in AWS Managed Microsoft AD's
 * default policy), so there are three attempts at most.
 *
 * @param limit milliseconds from the first attempt to the last
 */
export async function passwordWorks(
  checkPassword: PasswordCheck,
  username: string,
  password: string,
  limit: number,
): Promise<void> {
  await retry(
    async () => {
      if ((await checkPassword(username, password)) === 'accepted') return;
      throw new Refused(
        `The directory refuses the password of ${username} that was just set: somebody else may have set another; ` +
          'rotate the secret again.',
      );
    },
    // Pauses of a sixth and a third of the limit: a domain controller learns of the password from another one.
    { when: (error) => error instanceof Refused, limit: limit * 0.9, pause: limit / 6 },
  );
}

class Refused extends ProvisioningError {}
