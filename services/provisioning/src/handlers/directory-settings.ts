import { directorySettingsPins, directorySettingsPropertiesSchema } from '@packages/contracts';
import { directoryServiceClient } from '../aws/clients.ts';
import { customResourceHandler } from '../custom-resource/custom-resource.ts';
import { ensureDirectorySettings } from '../directory/directory-settings.ts';

/** Lambda handler of the custom resource "directory settings". */
export const handler = customResourceHandler({
  form: directorySettingsPropertiesSchema,
  pins: (properties) => directorySettingsPins(properties),
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
