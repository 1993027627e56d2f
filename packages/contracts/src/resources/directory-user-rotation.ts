import * as z from 'zod/mini';

/** The variables of the function that rotates the directory user's password. */
export const directoryUserRotationSchema = z.object({
  DIRECTORY_ID: z.string(),
  DOMAIN_NAME: z.string(),
  /** Addresses, with commas between. */
  DOMAIN_CONTROLLERS: z.string(),
  /** The one secret that the function rotates. */
  USER_SECRET_ARN: z.string(),
});

export type DirectoryUserRotationEnvironment = z.input<typeof directoryUserRotationSchema>;
