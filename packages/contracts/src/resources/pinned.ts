import * as z from 'zod/mini';

/**
 * The variable of the functions behind custom resources: what they serve, as the JSON text of one text for each key
 * (`directorySettingsPins`, `directoryUserPins`, `sqlDatabasePins`, `sqlLoginPins`). Whoever may invoke such a function cannot make it
 * serve anything else.
 */
export const pinnedSchema = z.object({ PINNED: z.string().check(z.minLength(2)) });

export type PinnedEnvironment = z.input<typeof pinnedSchema>;
