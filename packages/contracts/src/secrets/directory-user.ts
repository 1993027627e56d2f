import * as z from 'zod/mini';

const keys = z.object({
  /** The bare account name. */
  username: z.string().check(z.minLength(1)),
  password: z.string().check(z.minLength(1)),
  /**
   * The password that the next rotation will set. A task that got this version of the secret before a rotation signs in
   * with it afterwards. A secret created by CloudFormation or by a person does not have it yet.
   */
  nextPassword: z.optional(z.string().check(z.minLength(1))),
  /** When `password` was set in the directory, ISO 8601. */
  passwordChangedAt: z.optional(z.string()),
  /** DNS name of the domain. */
  domainName: z.optional(z.string()),
});

/**
 * The secret of the directory user. It may hold other keys, which every writer preserves. Its readers check more than
 * the form, and never quote a value.
 */
export const directoryUserSecretSchema = z.looseObject(keys.shape);

/** The known keys only, so that a misspelt key does not compile. */
export type DirectoryUserSecret = z.output<typeof keys>;
/** Their names. */
export const directoryUserSecretKeys = Object.keys(directoryUserSecretSchema.shape);
