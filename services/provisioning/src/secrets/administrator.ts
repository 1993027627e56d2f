import * as z from 'zod';
import { ProvisioningError } from '../provisioning-error.ts';
import { CURRENT, type Secrets } from './secrets.ts';

const form = z.object({ username: z.string().min(1), password: z.string().min(1) });

/** The database's administrator, from a secret in the form that RDS manages. @throws ProvisioningError */
export async function administratorOf(secrets: Secrets, secretId: string): Promise<z.output<typeof form>> {
  const version = await secrets.read(secretId, { stage: CURRENT });
  try {
    return form.parse(JSON.parse(version?.value ?? ''));
  } catch {
    // Do not pass on the parser's or the schema's message: the former quotes the secret.
    throw new ProvisioningError(
      `The secret ${secretId} does not hold {"username","password"}: check that it is the admin secret of the database.`,
    );
  }
}
