import * as z from 'zod/mini';

const keys = z.object({
  /** The bare account name. */
  username: z.string().check(z.minLength(1)),
  password: z.string().check(z.minLength(1)),
  /**
   * The password that the next rotation will set. A task that was given this version before a rotation signs in with it
   * afterwards. A secret that CloudFormation or a person has made does not have it yet.
   */
  nextPassword: z.optional(z.string().check(z.minLength(1))),
  /** When `password` was set in the directory, ISO 8601. */
  passwordChangedAt: z.optional(z.string()),
  /** DNS name of the domain. */
  domainName: z.optional(z.string()),
});

/**
 * The secret of the directory user. Other keys may stand beside these; whoever writes the secret keeps them.
 * Its readers check more than the form, and never quote a value.
 */
export const directoryUserSecretSchema = z.looseObject(keys.shape);

/** The keys that have a meaning, and no other: one that is written wrongly does not compile. */
export type DirectoryUserSecret = z.output<typeof keys>;
/** Their names. */
export const directoryUserSecretKeys = Object.keys(directoryUserSecretSchema.shape);
