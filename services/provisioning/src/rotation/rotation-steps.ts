import { randomUUID } from 'node:crypto';
import { AccountUnusableError, type PasswordCheck } from '../directory/password-check.ts';
import { passwordWorks } from '../directory-user/provision-directory-user.ts';
import { type Progress, silent } from '../progress.ts';
import { ProvisioningError } from '../provisioning-error.ts';
import { retry } from '../retry.ts';
import { type FoundCredentials, newPassword, parseCredentials } from '../secrets/credentials.ts';
import { CURRENT, PENDING, SecretExistsError, type Secrets } from '../secrets/secrets.ts';

/** The steps with which Secrets Manager calls its rotation function, in this order. */
export const rotationSteps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;
export type RotationStep = (typeof rotationSteps)[number];

/** Sets passwords in the directory, as its administrator or as the user itself. */
export interface PasswordSetter {
  /**
   * May be repeated, also after it died.
   *
   * @param before the present password, which a user must prove to change its own
   */
  setPassword(username: string, password: string, before: string): Promise<void>;
}

export interface RotationOptions {
  readonly directory: PasswordSetter;
  readonly secrets: Secrets;
  readonly checkPassword: PasswordCheck;
  /** Set for a user made by others, whose secret may omit the domain and the next password. */
  readonly domainName?: string;
  /** Notifies the holders of the old version, at least once after each rotation. */
  readonly announce?: (rotated: { readonly secretId: string; readonly versionId: string }) => Promise<void>;
  readonly progress?: Progress;
  /** Receives problems that a person must look at, although the rotation continues. */
  readonly warn?: Progress;
  /** Milliseconds to wait for temporary conditions; default one minute. */
  readonly limit?: number;
}

export interface RotationRequest {
  readonly secretId: string;
  /** Id of the version that this rotation makes: ClientRequestToken. */
  readonly token: string;
}

/**
 * Runs one step of a rotation. Each step may be repeated, also after it died at any point: the new password is the
 * `nextPassword` of the version before it, so all attempts, even of different rotations, arrive at the same one.
 *
 * @throws ProvisioningError and the errors of the AWS SDK
 */
export async function rotationStep(
  step: RotationStep,
  request: RotationRequest,
  options: RotationOptions,
): Promise<void> {
  const { secretId, token } = request;
  const { secrets, progress = silent } = options;
  const finished = (await secrets.holder(secretId, CURRENT)) === token;
  // If the rotation is finished, repeat only the last step, because its event may not have been sent.
  if (!finished || step === 'finishSecret') await steps[step](request, options);
  progress(`${step} of ${secretId} is done.`);
}

const steps: Readonly<
  Record<RotationStep, (request: RotationRequest, options: RotationOptions) => Promise<void>>
> = {
  /**
   * Makes the new version, whose password is the current version's next password. First checks that the account can
   * sign in, so that a locked one is reported before anything has changed.
   */
  async createSecret({ secretId, token }, options) {
    const { secrets, checkPassword } = options;
    if (await secrets.read(secretId, { versionId: token })) return;
    const credentials = await currentCredentials(secretId, options);
    // A refusal does not matter: a cancelled rotation may have set the next password, and this rotation corrects that.
    await checkPassword(credentials.username, credentials.password);
    const value = JSON.stringify({
      ...credentials,
      password: credentials.nextPassword ?? (await newPassword(secrets, credentials.username)),
      nextPassword: await newPassword(secrets, credentials.username),
      // For the sidecar's metric of the password's age: ECS passes only the value to a task, not the version's date.
      passwordChangedAt: new Date().toISOString(),
    });
    await secrets.put(secretId, { token, value, stage: PENDING }).catch((error: unknown) => {
      // An earlier attempt wrote it, but the read did not show it yet.
      if (!(error instanceof SecretExistsError)) throw error;
    });
  },

  async setSecret(request, options) {
    const { directory } = options;
    const { username, password } = await pending(request, options);
    const before = await currentCredentials(request.secretId, options);
    await directory.setPassword(username, password, before.password);
  },

  /**
   * Secrets Manager also calls this step alone when a schedule is switched on. Then there may be no new password, and
   * the current one must work. The same holds if this rotation was cancelled: trying its password would only count
   * towards the account's lockout.
   */
  async testSecret({ secretId, token }, options) {
    const { secrets, checkPassword, domainName, warn = silent, limit = 60_000 } = options;
    const version = await secrets.read(secretId, { versionId: token, stage: PENDING });
    const { username, password } = version
      ? parseCredentials(secretId, version.value, domainName)
      : await currentCredentials(secretId, options);
    try {
      await passwordWorks(checkPassword, username, password, limit);
    } catch (error) {
      // The account was locked during the rotation. The directory has the new password, so the secret must follow; the
      // lock is reported as well.
      if (!(error instanceof AccountUnusableError)) throw error;
      warn(`The rotation goes on, but ${error.message}`);
    }
  },

  async finishSecret({ secretId, token }, options) {
    const { secrets, announce } = options;
    // A late retry of an old rotation must not bring the old password back.
    if ((await secrets.holder(secretId, CURRENT)) !== token) await pending({ secretId, token }, options);
    await secrets.moveStage(secretId, { stage: CURRENT, to: token });
    await announce?.({ secretId, versionId: token });
  },
};

/**
 * The current credentials of the secret. A secret made by others has no next password: it gets one here, long before
 * that password is set, so that tasks which start during the first rotation know it, too.
 */
async function currentCredentials(secretId: string, options: RotationOptions): Promise<FoundCredentials> {
  const { secrets, domainName, limit = 60_000 } = options;
  const read = async () => {
    const current = await secrets.read(secretId, { stage: CURRENT });
    if (current) return parseCredentials(secretId, current.value, domainName);
    throw new ProvisioningError(
      `The secret ${secretId} has no current version: deploy the directory stack again.`,
    );
  };
  const found = await read();
  if (found.nextPassword !== undefined || domainName === undefined) return found;
  const value = JSON.stringify({ ...found, nextPassword: await newPassword(secrets, found.username) });
  await secrets.put(secretId, { token: randomUUID(), value, stage: CURRENT });
  return await retry(
    async () => {
      const written = await read();
      if (written.nextPassword !== undefined) return written;
      throw new NotSeenYet(`What was written to the secret ${secretId} cannot be read yet: try again.`);
    },
    { when: (error) => error instanceof NotSeenYet, limit, pause: limit / 300 },
  );
}

async function pending(
  { secretId, token }: RotationRequest,
  { secrets, domainName, limit = 60_000 }: RotationOptions,
): Promise<FoundCredentials> {
  const version = await retry(
    async () => {
      const found = await secrets.read(secretId, { versionId: token, stage: PENDING });
      if (found) return found;
      throw new NotSeenYet(
        `The secret ${secretId} has no pending version ${token}: its rotation was cancelled; start a new one.`,
      );
    },
    { when: (error) => error instanceof NotSeenYet, limit, pause: limit / 300 },
  );
  return parseCredentials(secretId, version.value, domainName);
}

class NotSeenYet extends ProvisioningError {}
