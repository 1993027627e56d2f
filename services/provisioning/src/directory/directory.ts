/** A user of the directory. */
export interface DirectoryUser {
  /** sAMAccountName */
  readonly username: string;
  /** Who made it: the text given to `createUser`, or something else when others made it. */
  readonly owner: string | undefined;
}

/** Thrown by `createUser` when the user is there already. */
export class UserExistsError extends Error {
  override readonly name = 'UserExistsError';
}

/**
 * A directory whose users are managed without a Windows host. Any method may be called again after it failed or was
 * cut off at any moment. Errors that pass with time (throttling, a new user not yet seen everywhere) are retried inside.
 */
export interface Directory {
  /** DNS name of the domain. */
  readonly domainName: string;
  /** Makes sure that users can be managed at all. */
  prepare(): Promise<void>;
  findUser(username: string): Promise<DirectoryUser | undefined>;
  /** @throws UserExistsError */
  createUser(user: { readonly username: string; readonly owner: string }): Promise<void>;
  /** Asks that a lock (too many refused passwords) be lifted, where the directory lets that be asked. */
  unlock(username: string): Promise<void>;
  /** Sets the password as an administrator does, and enables the user. */
  setPassword(username: string, password: string): Promise<void>;
  /** An absent user is no error. */
  deleteUser(username: string): Promise<void>;
}
