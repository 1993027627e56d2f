import { ConfigurationError } from '../configuration-error.ts';
import { TicketFailure } from '../failures/ticket-failure.ts';
import { run } from '../kerberos/command.ts';
import { parseCredentials } from './credentials.ts';
import type { Candidate, CredentialsSource } from './credentials-source.ts';
import type { SecretVersion } from './fetch-secret.ts';

/** Gets a version of the secret; `undefined` when no version has the stage. */
export type FetchSecret = (stage: string, signal: AbortSignal) => Promise<SecretVersion | undefined>;

/**
 * Credentials from AWS Secrets Manager. While a secret is rotated, the directory's password is for some moments
 * that of AWSPENDING, or still that of AWSPREVIOUS; so these are tried when AWSCURRENT is refused.
 * When Secrets Manager does not answer, the credentials known last are tried.
 */
export function fetchedCredentials(fetchSecret: FetchSecret, domain: string): CredentialsSource {
  let current: { readonly versionId: string; readonly candidate: Candidate } | undefined;

  async function candidate(stage: string, signal: AbortSignal) {
    const version = await fetchSecret(stage, signal);
    return version && { versionId: version.versionId, candidate: toCandidate(version, stage, domain) };
  }

  return {
    async *candidates(signal) {
      try {
        current = await candidate('AWSCURRENT', signal);
      } catch (error) {
        if (!current) {
          throw error;
        }
      }
      if (current) {
        yield current.candidate;
      }
      const tried = new Set([current?.candidate.credentials.password]);
      for (const stage of ['AWSPENDING', 'AWSPREVIOUS']) {
        const other = await candidate(stage, signal);
        if (other && !tried.has(other.candidate.credentials.password)) {
          tried.add(other.candidate.credentials.password);
          yield other.candidate;
        }
      }
    },
    async hasChanged(signal) {
      const version = await fetchSecret('AWSCURRENT', signal);
      return version?.versionId !== current?.versionId;
    },
  };
}

function toCandidate(version: SecretVersion, stage: string, domain: string): Candidate {
  try {
    const credentials = parseCredentials(version.value, domain);
    const passwordChangedAt =
      credentials.passwordChangedAt ?? (version.createdAt ? new Date(version.createdAt) : undefined);
    return {
      credentials: { ...credentials, ...(passwordChangedAt && { passwordChangedAt }) },
      origin: stage,
    };
  } catch (error) {
    throw error instanceof ConfigurationError ? new TicketFailure('secret-malformed', error.message) : error;
  }
}

/**
 * Fetches in a process of its own, because the AWS SDK takes 20 MB that the sidecar needs
 * for a tenth of a second every few minutes. The secret comes back through a pipe.
 * @param entry this program's main file
 */
export function fetchInOwnProcess(entry: string, secretArn: string): FetchSecret {
  return async (stage, signal) => {
    const { exitCode, output, errors } = await run({
      name: process.execPath,
      arguments: [entry, 'fetch-secret', secretArn, stage],
      // The SDK asks for a home directory, which a bare uid, as a container's, need not have.
      environment: { HOME: '/nonexistent', ...process.env },
      limitSeconds: 20,
      signal,
    });
    if (exitCode !== 0) {
      throw new TicketFailure('secret-unavailable', errors);
    }
    return (JSON.parse(output) as SecretVersion | null) ?? undefined;
  };
}
