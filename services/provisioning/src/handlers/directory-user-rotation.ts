import { directoryUserRotationSchema, userSecrets } from '@packages/contracts';
import * as z from 'zod';
import { awsDirectory, awsSecrets } from '../aws/clients.ts';
import { announceByEvent } from '../aws/event-bus.ts';
import { sentence } from '../custom-resource/sentence.ts';
import { createPasswordCheck } from '../directory/password-check.ts';
import { ProvisioningError } from '../provisioning-error.ts';
import { rotationStep, rotationSteps } from '../rotation/rotation-steps.ts';
import { unlockDirectoryUser } from '../rotation/unlock-directory-user.ts';

const event = z.union([
  z.object({ Step: z.enum(rotationSteps), SecretId: z.string(), ClientRequestToken: z.string() }),
  z.object({ Action: z.literal('unlock'), User: z.string() }),
]);

/**
 * Lambda handler that Secrets Manager calls for each step of a rotation; after an error it repeats the rotation. An
 * operator calls it with `{"Action":"unlock","User":"…"}` to let a locked user in again.
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
 */
export async function handler(input: unknown): Promise<{ readonly message: string } | undefined> {
  const settings = directoryUserRotationSchema.parse(process.env);
  const request = event.parse(input);
  const own = userSecrets(settings.USER_SECRETS);
  const step = 'Step' in request ? request.Step : request.Action;
  const log = (message: string) => JSON.stringify({ step, message });
  const options = {
    secrets: awsSecrets(),
    checkPassword: createPasswordCheck({
      realm: settings.DOMAIN_NAME,
      kdcs: settings.DOMAIN_CONTROLLERS.split(','),
    }),
    progress: (message: string) => console.log(log(message)),
    // The alarm counts the log lines of this level.
    warn: (message: string) => console.error(log(message)),
  };
  try {
    const directory = awsDirectory(settings.DIRECTORY_ID, settings.DOMAIN_NAME, options);
    if (!('Step' in request)) {
      const secretId = own.get(request.User);
      if (secretId === undefined) {
        throw new ProvisioningError(
          `${request.User} is no user of a service here: those are ${[...own.keys()].join(', ')}.`,
        );
      }
      const username = await unlockDirectoryUser({ ...options, directory, secretId });
      return { message: `${username} can sign in.` };
    }
    const { SecretId, ClientRequestToken } = request;
    if (![...own.values()].includes(SecretId)) {
      const arns = [...own.values()].join(', ');
      throw new ProvisioningError(`This function rotates ${arns} alone, not ${SecretId}.`);
    }
    await rotationStep(
      request.Step,
      { secretId: SecretId, token: ClientRequestToken },
      { ...options, directory, announce: announceByEvent() },
    );
    return undefined;
  } catch (error) {
    // Lambda logs the thrown error, so it holds only the message: an SDK error may carry its request.
    throw new ProvisioningError(`${step}: ${sentence(error)}`);
  }
}
