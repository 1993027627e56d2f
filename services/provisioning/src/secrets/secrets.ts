/** Staging labels (Secrets Manager user guide, "Secret versions"). */
export const CURRENT = 'AWSCURRENT';
export const PENDING = 'AWSPENDING';

/** One version of a secret. */
export interface SecretVersion {
  readonly versionId: string;
  readonly value: string;
}

/** Thrown if a secret, or the version with this token, already exists with another value. */
export class SecretExistsError extends Error {
  override readonly name = 'SecretExistsError';
}

/** A store of versioned secrets. It is eventually consistent: the next read may not show what was written. */
export interface Secrets {
  /** @returns `undefined` if the secret has no such version, or does not exist */
  read(
    secretId: string,
    which: { readonly stage?: string; readonly versionId?: string },
  ): Promise<SecretVersion | undefined>;
  /** @throws SecretExistsError */
  create(secretId: string, value: string): Promise<void>;
  /**
   * Adds a version with a staging label. A call with the same token and value may be repeated.
   * @throws SecretExistsError if the version has another value
   */
  put(
    secretId: string,
    version: { readonly token: string; readonly value: string; readonly stage: string },
  ): Promise<void>;
  /** The version that a staging label is attached to, if any. */
  holder(secretId: string, stage: string): Promise<string | undefined>;
  /** Moves a staging label; does nothing if it is there already. */
  moveStage(secretId: string, move: { readonly stage: string; readonly to: string }): Promise<void>;
  /**
   * A password of this many characters without punctuation, with at least one small letter, one capital and one digit.
   */
  randomPassword(length: number): Promise<string>;
}
