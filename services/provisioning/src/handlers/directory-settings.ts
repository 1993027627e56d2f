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

  /** Does nothing: a deleted directory takes its settings with it, and a retained one keeps them. */
  async remove() {},
});
