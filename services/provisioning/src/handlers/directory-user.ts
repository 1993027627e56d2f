import * as z from 'zod';
import { awsDirectory, awsSecrets } from '../aws/clients.ts';
import { customResourceHandler } from '../custom-resource/custom-resource.ts';
import { provisionDirectoryUser, removeDirectoryUser } from '../directory-user/provision-directory-user.ts';

const form = z.object({
  DirectoryId: z.string().regex(/^d-[0-9a-f]{10}$/, 'it must be a directory id such as d-0123456789'),
  DomainName: z.string().min(1),
  Username: z
    .string()
    .regex(/^[\w.-]{1,20}$/, 'it must be 1 to 20 letters, digits, dots, hyphens and underscores'),
  SecretArn: z.string().min(1),
});

/** Milliseconds for each call, while a directory that was just made is not ready. */
const firstMinutes = 600_000;

/** Lambda handler of the custom resource "directory user". */
export const handler = customResourceHandler({
  form,
  physicalId: ({ DirectoryId, Username }) => `${DirectoryId}/${Username}`,

  async apply({ DirectoryId, DomainName, Username, SecretArn }, { owner, progress }) {
    const { outcome } = await provisionDirectoryUser({
      directory: awsDirectory(DirectoryId, DomainName, { limit: firstMinutes, progress }),
      secrets: awsSecrets(),
      secretId: SecretArn,
      username: Username,
      owner,
      progress,
    });
    return { Username, Outcome: outcome };
  },

  async remove({ DirectoryId, DomainName, Username }, { owner, progress }) {
    await removeDirectoryUser({
      directory: awsDirectory(DirectoryId, DomainName),
      username: Username,
      owner,
      progress,
    });
  },
});
