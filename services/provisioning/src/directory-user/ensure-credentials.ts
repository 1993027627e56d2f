import { randomUUID } from 'node:crypto';
import { ProvisioningError } from '../provisioning-error.ts';
import { retry } from '../retry.ts';
import { type Credentials, meetsPolicy, newPassword, parseCredentials } from '../secrets/credentials.ts';
import { CURRENT, SecretExistsError, type Secrets } from '../secrets/secrets.ts';

/** Credentials and the version of the secret that they are in. */
export interface CurrentCredentials {
  readonly versionId: string;
  readonly credentials: Credentials;
}

/** What the secret says now, if it is complete and is this user's. */
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
 * Makes the secret, or completes one that is there: what it holds stays, except the user's name. Ends when a read shows
 * complete credentials.
 *
 * @param limit milliseconds to wait for what was written to be seen
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
      // Once only: a read that does not see what was written must not lead to other passwords.
      if (!written) written = await writeCredentials(secrets, wanted);
      throw new NotSeenYet(`What was written to the secret ${secretId} cannot be read yet: try again.`);
    },
    { when: (error) => error instanceof NotSeenYet, limit, pause: 20 },
  );
}

/** @returns `false` when the secret was there all along, but the read did not see it yet */
async function writeCredentials(
  secrets: Secrets,
  { secretId, username, domainName }: Parameters<typeof ensureCredentials>[1],
): Promise<boolean> {
  const before = await secrets.read(secretId, { stage: CURRENT });
  // An ARN is one that exists, though it may not be seen yet, and is no name for another.
  if (!before && secretId.startsWith('arn:')) return false;
  const found = before && parseCredentials(secretId, before.value);
  const value = JSON.stringify({
    ...found,
    username,
    domainName,
    // One that CloudFormation has generated may hold the user's name; nobody has signed in with it yet.
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
