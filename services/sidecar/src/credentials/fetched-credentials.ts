import { ConfigurationError } from '@packages/contracts';
import { TicketFailure } from '../failures/ticket-failure.ts';
import { run } from '../kerberos/command.ts';
import { type Credentials, parseCredentials } from './credentials.ts';
import { type CredentialsSource, candidatesOf } from './credentials-source.ts';
import type { FetchTask, SecretVersion } from './fetch-secret.ts';

/** Gets a version of the secret; `undefined` if no version has the stage. */
export type FetchSecret = (stage: string, signal: AbortSignal) => Promise<SecretVersion | undefined>;

/**
 * Credentials from AWS Secrets Manager. During a rotation the directory may for a moment have the password of
 * AWSPENDING, or still that of AWSPREVIOUS, so these are tried after those of AWSCURRENT. If AWSCURRENT cannot be
 * fetched, the last known credentials are tried.
 */
export function fetchedCredentials(fetchSecret: FetchSecret, domain: string): CredentialsSource {
  let current: { readonly versionId: string; readonly credentials: Credentials } | undefined;
  let right: string | undefined;

  async function read(stage: string, signal: AbortSignal) {
    const version = await fetchSecret(stage, signal);
    return version && { versionId: version.versionId, credentials: toCredentials(version, domain) };
  }

  return {
    async *candidates(signal) {
      try {
        current = await read('AWSCURRENT', signal);
      } catch (error) {
        if (!current) {
          throw error;
        }
      }
      const tried = new Set<string>();
      for (const candidate of current ? candidatesOf(current.credentials, 'AWSCURRENT', right) : []) {
        tried.add(candidate.password);
        yield candidate;
      }
      for (const stage of ['AWSPENDING', 'AWSPREVIOUS']) {
        const other = await read(stage, signal);
        // Ignore the next password of these versions: it is either AWSCURRENT's or not set yet.
        const [candidate] = other ? candidatesOf(other.credentials, stage, undefined) : [];
        if (candidate && !tried.has(candidate.password)) {
          tried.add(candidate.password);
          yield candidate;
        }
      }
    },
    accepted(password) {
      right = password;
    },
    async hasChanged(signal) {
      const version = await fetchSecret('AWSCURRENT', signal);
      return version?.versionId !== current?.versionId;
    },
  };
}

/** If the secret does not say when its password was set, assumes the time when the version was created. */
function toCredentials(version: SecretVersion, domain: string): Credentials {
  try {
    const credentials = parseCredentials(version.value, domain);
    const passwordChangedAt =
      credentials.passwordChangedAt ?? (version.createdAt ? new Date(version.createdAt) : undefined);
    return { ...credentials, ...(passwordChangedAt && { passwordChangedAt }) };
  } catch (error) {
    throw error instanceof ConfigurationError ? new TicketFailure('secret-malformed', error.message) : error;
  }
}

/**
 * Fetches in a separate process, because the AWS SDK takes 20 MB that the sidecar needs for only a tenth of a second
 * every few minutes. The secret comes back through a pipe.
 * @param entry this program's main file
 * @param limitSeconds more than the SDK's own limits, including its retries
 */
export function fetchInOwnProcess(entry: string, secretArn: string, limitSeconds = 20): FetchSecret {
  return async (stage, signal) => {
    const { exitCode, output, errors } = await run({
      name: process.execPath,
      arguments: [entry, 'fetch-secret' satisfies FetchTask, secretArn, stage],
      // The SDK looks for a home directory, which a bare uid may not have, as in a container.
      environment: { HOME: '/nonexistent', ...process.env },
      limitSeconds,
      signal,
    }).catch((error: unknown) => {
      // Secrets Manager is slow here, not a domain controller, so the present TGT may still serve.
      throw error instanceof TicketFailure && error.code === 'time-limit'
        ? new TicketFailure('secret-unavailable', `There was no answer within ${limitSeconds} seconds.`)
        : error;
    });
    if (exitCode !== 0) {
      throw new TicketFailure('secret-unavailable', errors);
    }
    return (JSON.parse(output) as SecretVersion | null) ?? undefined;
  };
}
