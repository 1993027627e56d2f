import {
  CreateLogSubscriptionCommand,
  DescribeDirectoryDataAccessCommand,
  DescribeSettingsCommand,
  type DirectoryServiceClient,
  EnableDirectoryDataAccessCommand,
  type Setting,
  type SettingEntry,
  UpdateSettingsCommand,
} from '@aws-sdk/client-directory-service';
import { passesWithTime } from '../aws/not-yet.ts';
import { type Progress, silent } from '../progress.ts';
import { ProvisioningError } from '../provisioning-error.ts';
import { retry } from '../retry.ts';

export interface DirectorySettingsOptions {
  readonly directoryId: string;
  readonly directoryService: DirectoryServiceClient;
  /** The log group for the domain controllers' security events; its name begins with `/aws/directoryservice/`. */
  readonly logGroupName: string;
  /** Names and values as in `ds:DescribeSettings`. */
  readonly settings: readonly { readonly name: string; readonly value: string }[];
  readonly progress?: Progress;
  /** Milliseconds for everything together; default ten minutes. */
  readonly limit?: number;
}

/**
 * Configures what CloudFormation has no property for: forwards the directory's security log, enables the Directory
 * Service Data API, and applies settings. Each change keeps the directory busy for a while, during which it answers
 * that it is unavailable, so this waits for each one. What is already configured stays as it is.
 *
 * @throws ProvisioningError and the errors of the AWS SDK
 */
export async function ensureDirectorySettings(options: DirectorySettingsOptions): Promise<void> {
  const { directoryId: DirectoryId, directoryService, progress = silent, limit = 600_000 } = options;
  const end = performance.now() + limit;
  const patiently = <Result>(what: string, operation: () => Promise<Result>) =>
    retry(operation, {
      when: (error, elapsed) => error instanceof NotYet || passesWithTime(error, elapsed),
      limit: end - performance.now(),
      pause: Math.min(limit / 600, 1000),
      waiting: { progress, what },
    });

  await patiently('Forwarding of the security log', () =>
    directoryService
      .send(new CreateLogSubscriptionCommand({ DirectoryId, LogGroupName: options.logGroupName }))
      .catch(unless('EntityAlreadyExistsException')),
  );
  progress('The security log is forwarded.');

  await patiently('Data access', () => openDataAccess(directoryService, DirectoryId));
  progress('The Directory Service Data API is open.');

  await patiently('Settings of the directory', () => settle(options));
  progress('The settings of the directory are made.');
}

/** Requests data access unless it is already being enabled, and throws until it is enabled. */
async function openDataAccess(client: DirectoryServiceClient, DirectoryId: string): Promise<void> {
  const { DataAccessStatus: status } = await client.send(
    new DescribeDirectoryDataAccessCommand({ DirectoryId }),
  );
  if (status === 'Enabled') return;
  if (status !== 'Enabling' && status !== 'Disabling') {
    await client
      .send(new EnableDirectoryDataAccessCommand({ DirectoryId }))
      .catch(unless('DirectoryInDesiredStateException'));
  }
  throw new NotYet(
    `Data access of the directory ${DirectoryId} is ${status}, not Enabled: deploy again; if it stays so, look at the ` +
      'directory in the AWS console.',
  );
}

/** Requests the settings that are neither applied nor being applied, and throws until all are applied. */
async function settle({
  directoryService,
  directoryId: DirectoryId,
  settings,
}: DirectorySettingsOptions): Promise<void> {
  const entries = await describe(directoryService, DirectoryId);
  const open = settings.filter(({ name, value }) => {
    const entry = entries.get(name);
    return entry?.AppliedValue !== value || entry.RequestStatus === 'Failed' || isUnderWay(entry);
  });
  if (open.length === 0) return;
  const failed = open.map(({ name }) => entries.get(name)).find((entry) => entry?.RequestStatus === 'Failed');
  const missing: Setting[] = open
    .filter(
      ({ name, value }) => !isUnderWay(entries.get(name)) || entries.get(name)?.RequestedValue !== value,
    )
    .map(({ name, value }) => ({ Name: name, Value: value }));
  if (missing.length > 0) {
    await directoryService.send(new UpdateSettingsCommand({ DirectoryId, Settings: missing }));
  }
  throw new NotYet(
    failed
      ? `The directory ${DirectoryId} could not set ${failed.Name} (${failed.RequestStatusMessage ?? 'no reason given'}): ` +
          'look at its settings in the AWS console, then deploy again.'
      : `The directory ${DirectoryId} has not applied ${open.map(({ name }) => name).join(', ')} yet: deploy again.`,
  );
}

async function describe(
  client: DirectoryServiceClient,
  DirectoryId: string,
): Promise<ReadonlyMap<string, SettingEntry>> {
  const entries = new Map<string, SettingEntry>();
  let NextToken: string | undefined;
  do {
    const page = await client.send(new DescribeSettingsCommand({ DirectoryId, NextToken }));
    for (const entry of page.SettingEntries ?? []) if (entry.Name) entries.set(entry.Name, entry);
    NextToken = page.NextToken;
  } while (NextToken);
  return entries;
}

function isUnderWay(entry: SettingEntry | undefined): boolean {
  return entry?.RequestStatus === 'Requested' || entry?.RequestStatus === 'Updating';
}

class NotYet extends ProvisioningError {}

function unless(name: string): (error: Error) => undefined {
  return (error) => {
    if (error.name !== name) throw error;
    return undefined;
  };
}
