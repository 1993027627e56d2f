import * as z from 'zod/mini';

/**
 * The variable that limits what the functions behind custom resources serve: a JSON object with one string for each key
 * (see the `…Pins` function of each resource). A caller who may invoke such a function cannot use it for anything else.
 */
export const pinnedSchema = z.object({ PINNED: z.string().check(z.minLength(2)) });

export type PinnedEnvironment = z.input<typeof pinnedSchema>;
