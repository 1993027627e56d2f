import { ownPasswordRotationSchema } from '@packages/contracts';
import * as z from 'zod';
import { awsSecrets } from '../aws/clients.ts';
import { announceByEvent } from '../aws/event-bus.ts';
import { sentence } from '../custom-resource/sentence.ts';
import { createOwnPassword } from '../directory/own-password.ts';
import { createPasswordCheck } from '../directory/password-check.ts';
import { ProvisioningError } from '../provisioning-error.ts';
import { rotationStep, rotationSteps } from '../rotation/rotation-steps.ts';

const event = z.object({
  Step: z.enum(rotationSteps),
  SecretId: z.string(),
  ClientRequestToken: z.string(),
});

/**
 * Lambda handler that Secrets Manager calls for each step of a rotation in which the user changes its own password.
 * After an error, Secrets Manager repeats the rotation.
 */
export async function handler(input: unknown): Promise<void> {
  const settings = ownPasswordRotationSchema.parse(process.env);
  const { Step, SecretId, ClientRequestToken } = event.parse(input);
  const log = (message: string) => JSON.stringify({ step: Step, message });
  const domain = { realm: settings.DOMAIN_NAME, kdcs: settings.DOMAIN_CONTROLLERS.split(',') };
  try {
    if (SecretId !== settings.OWN_SECRET_ARN) {
      throw new ProvisioningError(`This function rotates ${settings.OWN_SECRET_ARN} alone, not ${SecretId}.`);
    }
    await rotationStep(
      Step,
      { secretId: SecretId, token: ClientRequestToken },
      {
        secrets: awsSecrets(),
        directory: createOwnPassword(domain),
        checkPassword: createPasswordCheck(domain),
        domainName: settings.DOMAIN_NAME,
        announce: announceByEvent(),
        progress: (message) => console.log(log(message)),
        // The alarm counts the log lines of this level.
        warn: (message) => console.error(log(message)),
      },
    );
  } catch (error) {
    // Lambda logs the thrown error, so it holds only the message: an SDK error may carry its request.
    throw new ProvisioningError(`${Step}: ${sentence(error)}`);
  }
}
