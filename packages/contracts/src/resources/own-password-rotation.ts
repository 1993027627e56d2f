import * as z from 'zod/mini';

/** The variables of the function with which a user changes its own password. */
export const ownPasswordRotationSchema = z.object({
  DOMAIN_NAME: z.string(),
  /** Host names or addresses, separated by commas. */
  DOMAIN_CONTROLLERS: z.string(),
  /** The only secret that the function rotates. */
  OWN_SECRET_ARN: z.string(),
});

export type OwnPasswordRotationEnvironment = z.input<typeof ownPasswordRotationSchema>;
