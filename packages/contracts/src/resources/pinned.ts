import * as z from 'zod/mini';

/**
 * The variable of the functions behind custom resources: what they serve, as a JSON object with one text for each key (see
 * the `…Pins` function of each resource). Whoever may invoke such a function cannot make it serve anything else.
 */
export const pinnedSchema = z.object({ PINNED: z.string().check(z.minLength(2)) });

export type PinnedEnvironment = z.input<typeof pinnedSchema>;
