import { randomUUID } from 'node:crypto';
import {
  DescribeDirectoryDataAccessCommand,
  type DirectoryServiceClient,
  ResetUserPasswordCommand,
} from '@aws-sdk/client-directory-service';
import type { JsonClient } from '../aws/json-client.ts';
import { ProvisioningError } from '../provisioning-error.ts';
import { retry } from '../retry.ts';
import { type Directory, UserExistsError } from './directory.ts';

export interface AwsDirectoryOptions {
  readonly directoryId: string;
  /** DNS name of the domain. */
  readonly domainName: string;
  readonly directoryService: DirectoryServiceClient;
  /** A client of the Directory Service Data API (`ds-data`). */
  readonly directoryData: JsonClient;
  /** Milliseconds to wait for what passes with time; default two minutes. */
  readonly limit?: number;
}

/**
 * The LDAP attribute that says who made a user: one of those that the Directory Service Data API lets be set ("Office"
 * in Windows' own tools).
 * @see https://docs.aws.amazon.com/directoryservice/latest/admin-guide/ad_data_attributes.html
 */
const ownerAttribute = 'physicalDeliveryOfficeName';

/**
 * AWS Managed Microsoft AD through the Directory Service Data API (users) and the Directory Service API (passwords).
 * The password goes to AWS over TLS and is never stored here.
 */
export function createAwsDirectory(options: AwsDirectoryOptions): Directory {
  const { directoryId, domainName, directoryService, directoryData, limit = 120_000 } = options;
  const DirectoryId = directoryId;

  const users = (operation: string, body: object) =>
    directoryData({ path: `/Users/${operation}`, query: { DirectoryId }, body });

  return {
    domainName,

    async prepare() {
      await retry(
        async () => {
          const { DataAccessStatus } = await directoryService.send(
            new DescribeDirectoryDataAccessCommand({ DirectoryId }),
          );
          if (DataAccessStatus === 'Enabled') return;
          throw new NotYet(
            `Data access of the directory ${directoryId} is ${DataAccessStatus}, not Enabled: switch it on ` +
              '(aws ds enable-directory-data-access) and deploy again.',
          );
        },
        { when: (error) => error instanceof NotYet, limit, pause: limit / 120 },
      );
    },

    async findUser(username) {
      try {
        const user = await users('DescribeUser', {
          SAMAccountName: username,
          OtherAttributes: [ownerAttribute],
        });
        return { username, owner: textAttribute(user.OtherAttributes, ownerAttribute) };
      } catch (error) {
        rethrowUnless(error, 'ResourceNotFoundException');
        return undefined;
      }
    },

    async createUser({ username, owner }) {
      try {
        await users('CreateUser', {
          SAMAccountName: username,
          OtherAttributes: { [ownerAttribute]: { S: owner } },
          ClientToken: randomUUID(),
        });
      } catch (error) {
        rethrowUnless(error, 'ConflictException');
        throw new UserExistsError(`The user ${username} exists.`);
      }
    },

    async setPassword(username, password) {
      const request = new ResetUserPasswordCommand({
        DirectoryId,
        UserName: username,
        NewPassword: password,
      });
      await retry(() => directoryService.send(request), {
        // A user that was just created is not seen everywhere at once.
        when: (error) =>
          ['UserDoesNotExistException', 'DirectoryUnavailableException'].includes((error as Error).name),
        limit,
        pause: limit / 240,
      });
    },

    async deleteUser(username) {
      await users('DeleteUser', { SAMAccountName: username, ClientToken: randomUUID() }).catch((error) =>
        rethrowUnless(error, 'ResourceNotFoundException'),
      );
    },
  };
}

class NotYet extends ProvisioningError {}

function rethrowUnless(error: unknown, name: string): void {
  if ((error as Error).name !== name) throw error;
}

/** Attribute names come back in whatever case the service likes. */
function textAttribute(attributes: unknown, name: string): string | undefined {
  const found = Object.entries((attributes ?? {}) as Record<string, { S?: string }>).find(
    ([key]) => key.toLowerCase() === name.toLowerCase(),
  );
  return found?.[1].S;
}
