import * as z from 'zod/mini';

/** The variables of the function that rotates the passwords of the directory users. */
export const directoryUserRotationSchema = z.object({
  DIRECTORY_ID: z.string(),
  DOMAIN_NAME: z.string(),
  /** Addresses, with commas between. */
  DOMAIN_CONTROLLERS: z.string(),
  /** The users, and the secrets that the function rotates: `user=arn`, with commas between. */
  USER_SECRETS: z
    .string()
    .check(z.regex(/^[^=,]+=[^=,]+(,[^=,]+=[^=,]+)*$/, 'it must be of the form user=arn,…')),
});

export type DirectoryUserRotationEnvironment = z.input<typeof directoryUserRotationSchema>;

/** What `userSecrets` reads. */
export function userSecretsVariable(
  users: readonly { readonly name: string; readonly secretArn: string }[],
): string {
  return users.map(({ name, secretArn }) => `${name}=${secretArn}`).join(',');
}

/** The users of `USER_SECRETS` and the ARN of the secret of each. */
export function userSecrets(variable: string): ReadonlyMap<string, string> {
  return new Map(variable.split(',').map((pair) => pair.split('=', 2) as [string, string]));
}
