/** A user of the directory. */
export interface DirectoryUser {
  /** sAMAccountName */
  readonly username: string;
  /** Who made it: the text given to `createUser`; others may have set any other text, or none. */
  readonly owner: string | undefined;
}

/** Thrown by `createUser` if the user already exists. */
export class UserExistsError extends Error {
  override readonly name = 'UserExistsError';
}

/**
 * A directory whose users are managed without a Windows host. Each method may be called again after it failed or was
 * cut off at any point. Methods retry temporary errors (throttling, a new user that is not visible everywhere yet).
 */
export interface Directory {
  /** DNS name of the domain. */
  readonly domainName: string;
  /** Makes sure that users can be managed. */
  prepare(): Promise<void>;
  findUser(username: string): Promise<DirectoryUser | undefined>;
  /** @throws UserExistsError */
  createUser(user: { readonly username: string; readonly owner: string }): Promise<void>;
  /** Lifts a lock (too many refused passwords), if the directory allows that. */
  unlock(username: string): Promise<void>;
  /** Sets the password as an administrator, and enables the user. */
  setPassword(username: string, password: string): Promise<void>;
  /** Does nothing if there is no such user. */
  deleteUser(username: string): Promise<void>;
}
