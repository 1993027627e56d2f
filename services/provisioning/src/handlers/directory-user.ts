import { directoryUserPins, directoryUserPropertiesSchema } from '@packages/contracts';
import { awsDirectory, awsSecrets } from '../aws/clients.ts';
import { customResourceHandler } from '../custom-resource/custom-resource.ts';
import { provisionDirectoryUser, removeDirectoryUser } from '../directory-user/provision-directory-user.ts';

/** Milliseconds for each call while a new directory may not be ready. */
const firstMinutes = 600_000;
/** Milliseconds for each call of a deletion, when the directory may be being deleted as well. */
const atRemoval = 60_000;

/** Lambda handler of the custom resource "directory user". */
export const handler = customResourceHandler({
  form: directoryUserPropertiesSchema,
  pins: (properties) => directoryUserPins(properties),
  physicalId: ({ DirectoryId, Username }) => `${DirectoryId}/${Username}`,

  async apply({ DirectoryId, DomainName, Username, SecretArn, Owner, Adopt }, { progress }) {
    const { outcome } = await provisionDirectoryUser({
      directory: awsDirectory(DirectoryId, DomainName, { limit: firstMinutes, progress }),
      secrets: awsSecrets(),
      secretId: SecretArn,
      username: Username,
      owner: Owner,
      adopt: Adopt === 'true',
      progress,
    });
    return { Username, Outcome: outcome };
  },

  async remove({ DirectoryId, DomainName, Username, Owner }, { progress }) {
    await removeDirectoryUser({
      directory: awsDirectory(DirectoryId, DomainName, { limit: atRemoval, progress }),
      username: Username,
      owner: Owner,
      progress,
    });
  },
});
