import { randomUUID } from 'node:crypto';
import { AccountUnusableError, type PasswordCheck } from '../directory/password-check.ts';
import { passwordWorks } from '../directory-user/provision-directory-user.ts';
import { type Progress, silent } from '../progress.ts';
import { ProvisioningError } from '../provisioning-error.ts';
import { retry } from '../retry.ts';
import { type FoundCredentials, newPassword, parseCredentials } from '../secrets/credentials.ts';
import { CURRENT, PENDING, SecretExistsError, type Secrets } from '../secrets/secrets.ts';

/** What Secrets Manager calls its rotation function with, four times in this order. */
export const rotationSteps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;
export type RotationStep = (typeof rotationSteps)[number];

/** Who sets passwords in the directory: its administrator, or the user itself. */
export interface PasswordSetter {
  /**
   * May be repeated, also after it has died.
   *
   * @param before the password until now, which one's own change must prove
   */
  setPassword(username: string, password: string, before: string): Promise<void>;
}

export interface RotationOptions {
  readonly directory: PasswordSetter;
  readonly secrets: Secrets;
  readonly checkPassword: PasswordCheck;
  /** Of a user that others have made: its secret may leave the domain and the next password out. */
  readonly domainName?: string;
  /** Tells those who hold the old version, at least once after each rotation. */
  readonly announce?: (rotated: { readonly secretId: string; readonly versionId: string }) => Promise<void>;
  readonly progress?: Progress;
  /** Told what a person must look at though the rotation goes on. */
  readonly warn?: Progress;
  /** Milliseconds to wait for what passes with time; default one minute. */
  readonly limit?: number;
}

export interface RotationRequest {
  readonly secretId: string;
  /** Id of the version that this rotation makes: ClientRequestToken. */
  readonly token: string;
}

/**
 * One step of a rotation. Each may be repeated, and may have died anywhere before: the new password is known from the
 * version before it (its `nextPassword`), so all attempts, even of different rotations, arrive at the same one.
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
  // The event may not have been sent: the last step is the only one that a finished rotation repeats.
  if (!finished || step === 'finishSecret') await steps[step](request, options);
  progress(`${step} of ${secretId} is done.`);
}

const steps: Readonly<
  Record<RotationStep, (request: RotationRequest, options: RotationOptions) => Promise<void>>
> = {
  /**
   * The version to come: its password is the one that the current version calls the next. Before there is one, the
   * account must be one that can be signed in to: a locked one is reported before anything has changed.
   */
  async createSecret({ secretId, token }, options) {
    const { secrets, checkPassword } = options;
    if (await secrets.read(secretId, { versionId: token })) return;
    const credentials = await currentCredentials(secretId, options);
    // It may be refused when a rotation that was cancelled has set the next one: that is mended by this rotation.
    await checkPassword(credentials.username, credentials.password);
    const value = JSON.stringify({
      ...credentials,
      password: credentials.nextPassword ?? (await newPassword(secrets, credentials.username)),
      nextPassword: await newPassword(secrets, credentials.username),
      // The sidecar's metric of the password's age; ECS hands a task the value alone, without the version's date.
      passwordChangedAt: new Date().toISOString(),
    });
    await secrets.put(secretId, { token, value, stage: PENDING }).catch((error: unknown) => {
      // An earlier attempt has put it, and the read did not see it yet.
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
   * Secrets Manager calls this step alone, too, when a schedule is switched on: there may be no new password then, and
   * it is the current one that must work. So it is when this rotation was cancelled: to try its password would only
   * count towards the account's lockout.
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
      // Locked since it began: the directory has the new password, so the secret must follow. The lock is reported, too.
      if (!(error instanceof AccountUnusableError)) throw error;
      warn(`The rotation goes on, but ${error.message}`);
    }
  },

  async finishSecret({ secretId, token }, options) {
    const { secrets, announce } = options;
    // A late repetition of an old rotation must not bring the old password back.
    if ((await secrets.holder(secretId, CURRENT)) !== token) await pending({ secretId, token }, options);
    await secrets.moveStage(secretId, { stage: CURRENT, to: token });
    await announce?.({ secretId, versionId: token });
  },
};

/**
 * What the secret says now. One that others have made says no next password: it gets one here, long before that is set,
 * so that tasks which start during the first rotation know it, too.
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
