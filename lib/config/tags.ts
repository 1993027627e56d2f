import * as z from 'zod';

/** Tags that are set on everything. */
const own = ['application', 'environment'];
/** Letters, digits, spaces and these characters are valid in all services used here. */
const characters = /^[\p{L}\p{Z}\p{N}_.:/=+@-]*$/u;
/** A resource has at most 50 tags; some are set by AWS services and the CDK. */
const most = 40;

/**
 * The user's own tags. IAM rejects keys that differ only by case, RDS those that begin with `rds:`.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Tagging.html
 */
export const tags = z
  .record(z.string(), z.string({ error: 'text' }), { error: 'an object of tag names and values' })
  .superRefine((value, context) => {
    const keys = Object.keys(value);
    if (keys.length > most) {
      context.addIssue({ code: 'custom', message: `an object of at most ${most} tags`, input: keys.length });
    }
    keys.forEach((key, index) => {
      const message = problemOf(key, value[key] ?? '', keys.slice(0, index));
      if (message) context.addIssue({ code: 'custom', path: [key], message, input: value[key] });
    });
  });

function problemOf(key: string, value: string, earlier: readonly string[]): string | undefined {
  const lower = key.toLowerCase();
  if (own.includes(lower))
    return `left out: the tag "${lower}" is set on everything, and its case does not count`;
  if (/^(aws|rds):/i.test(key)) return 'a tag whose name does not begin with "aws:" or "rds:"';
  if (/^(aws|rds):/i.test(value)) return 'a value that does not begin with "aws:" or "rds:"';
  const twin = earlier.find((other) => other.toLowerCase() === lower);
  if (twin) return `left out: the tag "${twin}" differs from it by case only`;
  if (key !== key.trim() || value !== value.trim()) return 'a tag without spaces at the ends';
  if (key.length < 1 || key.length > 128 || !characters.test(key)) {
    return 'a tag whose name has 1 to 128 letters, digits, spaces and _ . : / = + - @';
  }
  if (value.length < 1 || value.length > 256 || !characters.test(value)) {
    return '1 to 256 letters, digits, spaces and _ . : / = + - @';
  }
  return undefined;
}
