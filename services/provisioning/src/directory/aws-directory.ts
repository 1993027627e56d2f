import { randomUUID } from 'node:crypto';
import {
  DescribeDirectoryDataAccessCommand,
  type DirectoryServiceClient,
  ResetUserPasswordCommand,
} from '@aws-sdk/client-directory-service';
import type { JsonClient } from '../aws/json-client.ts';
import { passesWithTime } from '../aws/not-yet.ts';
import { type Progress, silent } from '../progress.ts';
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
  /** Milliseconds for each call, including retries while the directory answers "not yet"; default two minutes. */
  readonly limit?: number;
  readonly progress?: Progress;
}

/**
 * The LDAP attribute that records who made a user: one that the Directory Service Data API can set ("Office" in
 * Windows' own tools).
 * @see https://docs.aws.amazon.com/directoryservice/latest/admin-guide/ad_data_attributes.html
 */
const ownerAttribute = 'physicalDeliveryOfficeName';

/**
 * AWS Managed Microsoft AD through the Directory Service Data API (users) and the Directory Service API (passwords).
 * The password goes to AWS over TLS and is not stored here.
 */
export function createAwsDirectory(options: AwsDirectoryOptions): Directory {
  const { directoryId, domainName, directoryService, directoryData } = options;
  const { limit = 120_000, progress = silent } = options;
  const DirectoryId = directoryId;

  const users = (operation: string, body: object) =>
    directoryData({ path: `/Users/${operation}`, query: { DirectoryId }, body });

  /** @param gone names of errors that are a result here, not a reason to wait */
  const patiently = <Result>(what: string, operation: () => Promise<Result>, ...gone: readonly string[]) =>
    retry(operation, {
      when: (error, elapsed) =>
        error instanceof NotYet || (!gone.includes((error as Error).name) && passesWithTime(error, elapsed)),
      limit,
      pause: Math.min(limit / 240, 1000),
      waiting: { progress, what },
    });

  return {
    domainName,

    async prepare() {
      await patiently('Data access of the directory', async () => {
        const { DataAccessStatus } = await directoryService.send(
          new DescribeDirectoryDataAccessCommand({ DirectoryId }),
        );
        if (DataAccessStatus === 'Enabled') return;
        throw new NotYet(
          `Data access of the directory ${directoryId} is ${DataAccessStatus}, not Enabled: switch it on ` +
            '(aws ds enable-directory-data-access) and deploy again.',
        );
      });
    },

    async findUser(username) {
      try {
        const user = await patiently(
          `Looking for ${username}`,
          () => users('DescribeUser', { SAMAccountName: username, OtherAttributes: [ownerAttribute] }),
          'ResourceNotFoundException',
        );
        return { username, owner: textAttribute(user.OtherAttributes, ownerAttribute) };
      } catch (error) {
        rethrowUnless(error, 'ResourceNotFoundException');
        return undefined;
      }
    },

    async createUser({ username, owner }) {
      // All attempts share one token, so a retry of a request that succeeded without an answer is not a conflict.
      const body = {
        SAMAccountName: username,
        OtherAttributes: { [ownerAttribute]: { S: owner } },
        ClientToken: randomUUID(),
      };
      try {
        await patiently(`Making ${username}`, () => users('CreateUser', body));
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
      await patiently(`Setting the password of ${username}`, () => directoryService.send(request));
    },

    async unlock(username) {
      const body = {
        SAMAccountName: username,
        UpdateType: 'REPLACE',
        OtherAttributes: { lockoutTime: { N: 0 } },
        ClientToken: randomUUID(),
      };
      try {
        await patiently(`Unlocking ${username}`, () => users('UpdateUser', body));
      } catch (error) {
        // The API's reference does not say whether this attribute may be written. If not, the lock ends after a while.
        rethrowUnless(error, 'ValidationException');
        progress(
          `The directory does not allow the lock of ${username} to be lifted: ${(error as Error).message}`,
        );
      }
    },

    async deleteUser(username) {
      const body = { SAMAccountName: username, ClientToken: randomUUID() };
      await patiently(
        `Deleting ${username}`,
        () => users('DeleteUser', body),
        'ResourceNotFoundException',
      ).catch((error) => rethrowUnless(error, 'ResourceNotFoundException'));
    },
  };
}

class NotYet extends ProvisioningError {}

function rethrowUnless(error: unknown, name: string): void {
  if ((error as Error).name !== name) throw error;
}

/** The service does not say in which case it returns attribute names. */
function textAttribute(attributes: unknown, name: string): string | undefined {
  const found = Object.entries((attributes ?? {}) as Record<string, { S?: string }>).find(
    ([key]) => key.toLowerCase() === name.toLowerCase(),
  );
  return found?.[1].S;
}
