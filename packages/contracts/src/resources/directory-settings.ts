import * as z from 'zod/mini';

/** The properties of `Custom::DirectorySettings`. */
export const directorySettingsPropertiesSchema = z.object({
  DirectoryId: z
    .string()
    .check(z.regex(/^d-[0-9a-f]{10}$/, 'it must be a directory id such as d-0123456789')),
  LogGroupName: z.string().check(z.minLength(1)),
  Settings: z.array(
    z.object({ Name: z.string().check(z.minLength(1)), Value: z.string().check(z.minLength(1)) }),
  ),
});

export type DirectorySettingsProperties = z.input<typeof directorySettingsPropertiesSchema>;

/** The values that the function's variable `PINNED` fixes, as JSON: it refuses any others. */
export function directorySettingsPins({ DirectoryId, LogGroupName, Settings }: DirectorySettingsProperties) {
  return {
    DirectoryId,
    LogGroupName,
    Settings: Settings.map(({ Name, Value }) => `${Name}=${Value}`).join(),
  };
}
