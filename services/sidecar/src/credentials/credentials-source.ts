import type { Credentials } from './credentials.ts';

/** Credentials that may be the right ones, and where they come from. */
export interface Candidate {
  readonly credentials: Credentials;
  /** For the log: `injected`, or the version stage in Secrets Manager. */
  readonly origin: string;
}

/** Where credentials come from. */
export interface CredentialsSource {
  /**
   * The credentials to try, in order; the next one is fetched only when it is asked for.
   * @throws {TicketFailure} `secret-unavailable` or `secret-malformed`
   */
  candidates(signal: AbortSignal): AsyncIterable<Candidate>;
  /** Whether the current version is another than the one handed out last. */
  hasChanged(signal: AbortSignal): Promise<boolean>;
}

/** Credentials that ECS put into the environment: they stay as they are while the container lives. */
export function injectedCredentials(credentials: Credentials): CredentialsSource {
  return {
    async *candidates() {
      yield { credentials, origin: 'injected' };
    },
    hasChanged: async () => false,
  };
}
