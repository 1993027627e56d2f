import { type PasswordRotatedDetail, passwordRotatedEvent } from '@packages/contracts';
import { ProvisioningError } from '../provisioning-error.ts';
import type { RotationOptions } from '../rotation/rotation-steps.ts';
import { region } from './clients.ts';
import { createJsonClient } from './json-client.ts';

/** Announces a rotation by an event on the account's default bus; its detail is the secret and its new version. */
export function announceByEvent(): NonNullable<RotationOptions['announce']> {
  const events = createJsonClient({
    service: 'events',
    region: region(),
    endpoint: process.env.AWS_ENDPOINT_URL_EVENTBRIDGE,
  });
  return async ({ secretId, versionId }) => {
    const answer = await events({
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AWSEvents.PutEvents' },
      body: {
        Entries: [
          {
            Source: passwordRotatedEvent.source,
            DetailType: passwordRotatedEvent.detailType,
            Detail: JSON.stringify({ secretArn: secretId, versionId } satisfies PasswordRotatedDetail),
            Resources: [secretId],
          },
        ],
      },
    });
    if (answer.FailedEntryCount !== 0) {
      throw new ProvisioningError(
        'The event bus did not accept the event about the new password: it will be sent again.',
      );
    }
  };
}
