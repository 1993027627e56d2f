import { randomUUID } from 'node:crypto';
import { ProvisioningError } from '../provisioning-error.ts';
import { retry } from '../retry.ts';
import { type Credentials, meetsPolicy, newPassword, parseCredentials } from '../secrets/credentials.ts';
import { CURRENT, SecretExistsError, type Secrets } from '../secrets/secrets.ts';

/** Credentials, and the version of the secret that holds them. */
export interface CurrentCredentials {
  readonly versionId: string;
  readonly credentials: Credentials;
}

/** The secret's current credentials, if they are complete and are this user's. */
export async function readCredentials(
  secrets: Secrets,
  secretId: string,
  username: string,
): Promise<CurrentCredentials | undefined> {
  const version = await secrets.read(secretId, { stage: CURRENT });
  if (!version) return undefined;
  const found = parseCredentials(secretId, version.value);
  const { nextPassword } = found;
  if (nextPassword === undefined || found.username !== username) return undefined;
  return { versionId: version.versionId, credentials: { ...found, nextPassword } };
}

/**
 * Makes the secret, or completes an existing one: its content stays, except the user's name. Returns once a read shows
 * complete credentials.
 *
 * @param limit milliseconds to wait until a read shows what was written
 */
export async function ensureCredentials(
  secrets: Secrets,
  wanted: { readonly secretId: string; readonly username: string; readonly domainName: string },
  limit: number,
): Promise<CurrentCredentials> {
  const { secretId, username } = wanted;
  let written = false;
  return await retry(
    async () => {
      const now = await readCredentials(secrets, secretId, username);
      if (now) return now;
      // Write only once: a read that does not show it yet must not lead to other passwords.
      if (!written) written = await writeCredentials(secrets, wanted);
      throw new NotSeenYet(`What was written to the secret ${secretId} cannot be read yet: try again.`);
    },
    { when: (error) => error instanceof NotSeenYet, limit, pause: 20 },
  );
}

/** @returns `false` if the secret already existed but the read did not show it yet */
async function writeCredentials(
  secrets: Secrets,
  { secretId, username, domainName }: Parameters<typeof ensureCredentials>[1],
): Promise<boolean> {
  const before = await secrets.read(secretId, { stage: CURRENT });
  // A secret with an ARN exists, even if a read does not show it yet, and an ARN cannot be the name of a new one.
  if (!before && secretId.startsWith('arn:')) return false;
  const found = before && parseCredentials(secretId, before.value);
  const value = JSON.stringify({
    ...found,
    username,
    domainName,
    // A password that CloudFormation generated may contain the user's name; nobody has signed in with it yet.
    password:
      found && (found.nextPassword !== undefined || meetsPolicy(found.password, username))
        ? found.password
        : await newPassword(secrets, username),
    nextPassword: found?.nextPassword ?? (await newPassword(secrets, username)),
  });
  try {
    if (before) await secrets.put(secretId, { token: randomUUID(), value, stage: CURRENT });
    else await secrets.create(secretId, value);
    return true;
  } catch (error) {
    if (!(error instanceof SecretExistsError)) throw error;
    return false;
  }
}

class NotSeenYet extends ProvisioningError {}
