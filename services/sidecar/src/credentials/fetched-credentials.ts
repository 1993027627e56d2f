import { ConfigurationError } from '@packages/contracts';
import { TicketFailure } from '../failures/ticket-failure.ts';
import { run } from '../kerberos/command.ts';
import { type Credentials, parseCredentials } from './credentials.ts';
import { type CredentialsSource, candidatesOf } from './credentials-source.ts';
import type { FetchTask, SecretVersion } from './fetch-secret.ts';

/** Gets a version of the secret; `undefined` when no version has the stage. */
export type FetchSecret = (stage: string, signal: AbortSignal) => Promise<SecretVersion | undefined>;

/**
 * Credentials from AWS Secrets Manager. While a secret is rotated, the directory's password is for some moments
 * that of AWSPENDING, or still that of AWSPREVIOUS; so these are tried when those of AWSCURRENT are refused.
 * When Secrets Manager does not answer, the credentials known last are tried.
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
        // What these versions call the next password is AWSCURRENT's or lies in the future.
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

/** A version was made when its password was set, as near as can be told. */
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
 * Fetches in a process of its own, because the AWS SDK takes 20 MB that the sidecar needs
 * for a tenth of a second every few minutes. The secret comes back through a pipe.
 * @param entry this program's main file
 * @param limitSeconds the SDK's own limits, with its repetitions, are below it
 */
export function fetchInOwnProcess(entry: string, secretArn: string, limitSeconds = 20): FetchSecret {
  return async (stage, signal) => {
    const { exitCode, output, errors } = await run({
      name: process.execPath,
      arguments: [entry, 'fetch-secret' satisfies FetchTask, secretArn, stage],
      // The SDK asks for a home directory, which a bare uid, as a container's, need not have.
      environment: { HOME: '/nonexistent', ...process.env },
      limitSeconds,
      signal,
    }).catch((error: unknown) => {
      // Not a domain controller is slow, but Secrets Manager: the TGT in hand may still serve.
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
