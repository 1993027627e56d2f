import * as z from 'zod';
import { directoryServiceClient } from '../aws/clients.ts';
import { customResourceHandler } from '../custom-resource/custom-resource.ts';
import { ensureDirectorySettings } from '../directory/directory-settings.ts';

const form = z.object({
  DirectoryId: z.string().regex(/^d-[0-9a-f]{10}$/, 'it must be a directory id such as d-0123456789'),
  LogGroupName: z.string().min(1),
  Settings: z.array(z.object({ Name: z.string().min(1), Value: z.string().min(1) })),
});

/** Lambda handler of the custom resource "directory settings". */
export const handler = customResourceHandler({
  form,
  physicalId: ({ DirectoryId }) => `${DirectoryId}/settings`,

  async apply({ DirectoryId, LogGroupName, Settings }, { progress }) {
    await ensureDirectorySettings({
      directoryId: DirectoryId,
      directoryService: directoryServiceClient(),
      logGroupName: LogGroupName,
      settings: Settings.map(({ Name, Value }) => ({ name: Name, value: Value })),
      progress,
    });
    return {};
  },

  /** They go with the directory; one that is kept keeps them. */
  async remove() {},
});
