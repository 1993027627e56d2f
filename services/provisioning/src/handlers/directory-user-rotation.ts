import { directoryUserRotationSchema } from '@packages/contracts';
import * as z from 'zod';
import { awsDirectory, awsSecrets } from '../aws/clients.ts';
import { announceByEvent } from '../aws/event-bus.ts';
import { sentence } from '../custom-resource/sentence.ts';
import { createPasswordCheck } from '../directory/password-check.ts';
import { ProvisioningError } from '../provisioning-error.ts';
import { rotationStep, rotationSteps } from '../rotation/rotation-steps.ts';

const event = z.object({
  Step: z.enum(rotationSteps),
  SecretId: z.string(),
  ClientRequestToken: z.string(),
});

/**
 * Lambda handler that Secrets Manager calls for each step of a rotation. An error makes it repeat the rotation.
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
 */
export async function handler(input: unknown): Promise<void> {
  const settings = directoryUserRotationSchema.parse(process.env);
  const { Step, SecretId, ClientRequestToken } = event.parse(input);
  try {
    if (SecretId !== settings.USER_SECRET_ARN) {
      throw new ProvisioningError(
        `This function rotates ${settings.USER_SECRET_ARN} alone, not ${SecretId}.`,
      );
    }
    await rotationStep(
      Step,
      { secretId: SecretId, token: ClientRequestToken },
      {
        directory: awsDirectory(settings.DIRECTORY_ID, settings.DOMAIN_NAME),
        secrets: awsSecrets(),
        checkPassword: createPasswordCheck({
          realm: settings.DOMAIN_NAME,
          kdcs: settings.DOMAIN_CONTROLLERS.split(','),
        }),
        announce: announceByEvent(),
        progress: (message) => console.log(JSON.stringify({ step: Step, message })),
      },
    );
  } catch (error) {
    // Lambda logs what is thrown: the sentence alone, since an SDK's error may carry its request.
    throw new ProvisioningError(`${Step}: ${sentence(error)}`);
  }
}
