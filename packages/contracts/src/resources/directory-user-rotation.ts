import * as z from 'zod/mini';

/** The variables of the function that rotates the passwords of the directory users. */
export const directoryUserRotationSchema = z.object({
  DIRECTORY_ID: z.string(),
  DOMAIN_NAME: z.string(),
  /** Addresses, separated by commas. */
  DOMAIN_CONTROLLERS: z.string(),
  /** The users and the secrets that the function rotates: `user=arn`, separated by commas. */
  USER_SECRETS: z
    .string()
    .check(z.regex(/^[^=,]+=[^=,]+(,[^=,]+=[^=,]+)*$/, 'it must be of the form user=arn,…')),
});

export type DirectoryUserRotationEnvironment = z.input<typeof directoryUserRotationSchema>;

/** Formats `USER_SECRETS` for `userSecrets`. */
export function userSecretsVariable(
  users: readonly { readonly name: string; readonly secretArn: string }[],
): string {
  return users.map(({ name, secretArn }) => `${name}=${secretArn}`).join(',');
}

/** The users in `USER_SECRETS`, each with the ARN of its secret. */
export function userSecrets(variable: string): ReadonlyMap<string, string> {
  return new Map(variable.split(',').map((pair) => pair.split('=', 2) as [string, string]));
}
