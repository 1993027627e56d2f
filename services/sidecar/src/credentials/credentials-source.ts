import type { Credentials } from './credentials.ts';

/** A user name and a password that may be right, and where they come from. */
export interface Candidate {
  readonly username: string;
  readonly password: string;
  /** When this password was set, if known. */
  readonly changedAt?: Date;
  /** For the log: `injected`, or the version stage in Secrets Manager. */
  readonly origin: string;
  /** The secret's key that holds the password. */
  readonly key: 'password' | 'nextPassword';
  /** It is not known yet which of the secret's two passwords the directory has, so this one may well be wrong. */
  readonly isUncertain?: boolean;
}

/** Where credentials come from. */
export interface CredentialsSource {
  /**
   * The passwords to try, in order. The next one is fetched only when the caller requests it; no password comes twice.
   * @throws TicketFailure `secret-unavailable` or `secret-malformed`
   */
  candidates(signal: AbortSignal): AsyncIterable<Candidate>;
  /** Notes that the directory accepted a password; within a version of the secret, it is tried first from now on. */
  accepted(password: string): void;
  /** Whether the secret's current version differs from the one last read. */
  hasChanged(signal: AbortSignal): Promise<boolean>;
}

/** Credentials that ECS put into the environment; they do not change while the container lives. */
export function injectedCredentials(credentials: Credentials): CredentialsSource {
  let right: string | undefined;
  return {
    async *candidates() {
      yield* candidatesOf(credentials, 'injected', right);
    },
    accepted(password) {
      right = password;
    },
    hasChanged: async () => false,
  };
}

/**
 * The passwords of one version of the secret: its own, then the one that a rotation sets next, because that rotation
 * may have happened since the version was read.
 * @param right the password that was last accepted; it comes first
 */
export function candidatesOf(
  credentials: Credentials,
  origin: string,
  right: string | undefined,
): readonly Candidate[] {
  const { username, password, nextPassword, passwordChangedAt } = credentials;
  const own: Candidate = {
    ...{ username, password, origin, key: 'password' },
    ...(passwordChangedAt && { changedAt: passwordChangedAt }),
  };
  if (nextPassword === undefined || nextPassword === password) {
    return [own];
  }
  const next: Candidate = { username, password: nextPassword, origin, key: 'nextPassword' };
  if (nextPassword === right) {
    return [next, own];
  }
  return [password === right ? own : { ...own, isUncertain: true }, next];
}
