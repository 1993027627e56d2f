import type { SettingEntry } from '@aws-sdk/client-directory-service';

/** The error with which AWS Directory Service refuses a request while it is not ready. */
export interface NotReady {
  readonly name: string;
  readonly reason?: string;
}

export interface YoungDirectory {
  /** The error with which an operation is refused now, if it is. */
  refusal(operation: string): NotReady | undefined;
  readonly operations: Readonly<Record<string, (body: Readonly<Record<string, unknown>>) => object>>;
}

/**
 * A directory in its first minutes, as the services' references describe it: each change keeps it busy, its data access
 * opens slowly and becomes known to the Data API even later, its settings pass through several states, and a new policy
 * is not effective yet. Each of these phases lasts `answers` answers; with 0 the directory is ready.
 */
export function createYoungDirectory(answers: number, dataAccess: string): YoungDirectory {
  const left = { busy: 0, denied: answers, enabling: 0, disabled: answers, unknown: answers };
  const take = (phase: keyof typeof left): boolean => {
    if (left[phase] === 0) return false;
    left[phase] -= 1;
    return true;
  };
  let status = dataAccess;
  const settings = new Map<string, SettingEntry & { looks: number }>();

  function look(entry: SettingEntry & { looks: number }): SettingEntry {
    entry.looks -= 1;
    if (entry.looks <= 0 && entry.RequestStatus !== 'Updated') {
      const updating = entry.RequestStatus === 'Requested' && answers > 0;
      entry.looks = answers;
      entry.RequestStatus = updating ? 'Updating' : 'Updated';
      if (!updating) entry.AppliedValue = entry.RequestedValue;
    }
    const { looks: _, ...shown } = entry;
    return { ...shown };
  }

  return {
    refusal(operation) {
      if (/^(CreateLogSubscription|EnableDirectoryDataAccess|UpdateSettings)$/.test(operation)) {
        if (operation === 'CreateLogSubscription' && take('denied')) {
          return { name: 'InsufficientPermissionsException' };
        }
        if (take('busy')) return { name: 'DirectoryUnavailableException' };
      }
      if (/^(Describe|Create|Delete|Update|Disable)User$/.test(operation)) {
        if (status !== 'Enabled' || take('disabled')) {
          return { name: 'AccessDeniedException', reason: 'DATA_DISABLED' };
        }
        if (take('unknown')) return { name: 'DirectoryUnavailableException', reason: 'DIRECTORY_TIMEOUT' };
      }
      return undefined;
    },

    operations: {
      CreateLogSubscription() {
        left.busy = answers;
        return {};
      },
      DescribeDirectoryDataAccess() {
        if (status === 'Enabling' && !take('enabling')) status = 'Enabled';
        return { DataAccessStatus: status };
      },
      EnableDirectoryDataAccess() {
        status = 'Enabling';
        [left.busy, left.enabling] = [answers, answers];
        return {};
      },
      DescribeSettings() {
        return { SettingEntries: [...settings.values()].map(look) };
      },
      UpdateSettings({ Settings }) {
        for (const { Name, Value } of Settings as { Name: string; Value: string }[]) {
          settings.set(Name, { Name, RequestedValue: Value, RequestStatus: 'Requested', looks: answers });
        }
        left.busy = answers;
        return {};
      },
    },
  };
}
