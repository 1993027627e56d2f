import { type Directory, type DirectoryUser, UserExistsError } from '../directory/directory.ts';
import type { PasswordCheck } from '../directory/password-check.ts';
import { type Progress, silent } from '../progress.ts';
import { ProvisioningError } from '../provisioning-error.ts';
import { retry } from '../retry.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { type CurrentCredentials, ensureCredentials, readCredentials } from './ensure-credentials.ts';

export interface DirectoryUserOptions {
  readonly directory: Directory;
  readonly secrets: Secrets;
  /** Name or ARN of the user's secret; it is made if it does not exist. */
  readonly secretId: string;
  /** sAMAccountName: at most 20 characters. */
  readonly username: string;
  /**
   * Who makes the user, at most 100 characters; only this owner's users are kept and deleted. An environment's owner
   * has the form `<account>/<region>/<name>`, which distinguishes users of other environments from those of strangers.
   */
  readonly owner: string;
  /** Whether to take over a user that strangers made; it then gets the secret's password. Default: no. */
  readonly adopt?: boolean;
  /** Proves afterwards that the user has this password; absent where no domain controller can be reached. */
  readonly checkPassword?: PasswordCheck;
  readonly progress?: Progress;
  /** Milliseconds to wait for temporary conditions; default one minute. */
  readonly limit?: number;
}

export interface ProvisionedUser {
  readonly username: string;
  /** `adopted`: strangers made it; it gets the secret's password, and we do not delete it. */
  readonly outcome: 'created' | 'kept' | 'adopted';
}

/**
 * Makes a directory user whose password is in a secret, or brings an existing one to that state. It may die at any
 * point and be run again: it keeps what exists and adds what is missing.
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
  refuseReserved(username);
  await directory.prepare();
  // Check this before writing a secret for somebody else's user.
  const known = await directory.findUser(username);
  if (known) refuseStrangers(options, known);

  const wanted = { secretId, username, domainName: directory.domainName };
  let current: CurrentCredentials | undefined = await ensureCredentials(secrets, wanted, limit);
  progress(`The secret ${secretId} holds the credentials of ${username}.`);

  const outcome = await ensureUser(options);
  progress(`The user ${username} is ${outcome}.`);

  // A rotation may run at the same time: the password that counts is the one that is current at the end.
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

/** Deletes the user if this owner made it. The secret is left to its owner. */
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

/** Users that every domain has from the beginning; AWS Managed Microsoft AD adds its administrator, Admin. */
const reserved: ReadonlySet<string> = new Set(['admin', 'administrator', 'guest', 'krbtgt']);

function refuseReserved(username: string): void {
  if (!reserved.has(username.toLowerCase())) return;
  throw new ProvisioningError(
    `${username} is a user that every directory needs itself: choose another name (domain.user).`,
  );
}

/** The mark of an environment: `<account>/<region>/<name>`. */
const environmentMark = /^\d{12}\/[a-z0-9-]+\/[a-z0-9-]+$/;

function refuseStrangers(
  { directory, username, owner, adopt = false }: DirectoryUserOptions,
  { owner: found }: DirectoryUser,
): void {
  if (found === owner) return;
  const who = `The user ${username} of ${directory.domainName}`;
  if (found !== undefined && environmentMark.test(found)) {
    throw new ProvisioningError(
      `${who} belongs to another environment (${found}): choose another name (domain.user).`,
    );
  }
  if (adopt) return;
  throw new ProvisioningError(
    `${who} was made by others: choose another name (domain.user), or, if nobody else signs in as this user, let it be taken ` +
      'over (domain.adoptUser: true), which gives it a new password.',
  );
}

async function ensureUser(options: DirectoryUserOptions): Promise<ProvisionedUser['outcome']> {
  const { directory, username, owner } = options;
  const outcomeOf = (found: DirectoryUser | undefined) => {
    if (found) refuseStrangers(options, found);
    return found?.owner === owner ? 'kept' : 'adopted';
  };
  const known = await directory.findUser(username);
  if (known) return outcomeOf(known);
  try {
    await directory.createUser({ username, owner });
    return 'created';
  } catch (error) {
    // An earlier run made it and it was not visible yet, or others have made it just now.
    if (!(error instanceof UserExistsError)) throw error;
    return outcomeOf(await foundLater(options));
  }
}

/** Waits until an existing user is visible: its owner must be known before it gets a password. */
async function foundLater({
  directory,
  username,
  limit = 60_000,
}: DirectoryUserOptions): Promise<DirectoryUser> {
  return await retry(
    async () => {
      const found = await directory.findUser(username);
      if (found) return found;
      throw new NotSeenYet(
        `The user ${username} exists in ${directory.domainName} but cannot be looked at: it may be outside of the ` +
          'organizational unit that AWS lets be managed; choose another name (domain.user).',
      );
    },
    { when: (error) => error instanceof NotSeenYet, limit, pause: limit / 300 },
  );
}

class NotSeenYet extends ProvisioningError {}

/**
 * Waits until a password is accepted. Refusals count towards the account's lockout (five in AWS Managed Microsoft AD's
 * default policy), so there are at most three attempts.
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
    // Pauses of a sixth and a third of the limit, because domain controllers replicate the password to each other.
    { when: (error) => error instanceof Refused, limit: limit * 0.9, pause: limit / 6 },
  );
}

class Refused extends ProvisioningError {}
