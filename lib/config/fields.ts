import * as z from 'zod';
import { isKnownRegion } from './regions.ts';

/**
 * Text that matches a pattern; `allowed` completes the sentence "… must be …". Text that does not match is reported
 * once: the checks that follow are skipped.
 */
export function text(pattern: RegExp, allowed: string) {
  return z.string({ error: allowed }).regex(pattern, { error: allowed, abort: true });
}

/** A whole number within bounds; `unit` names what it counts. */
export function wholeNumber(minimum: number, maximum: number, unit: string) {
  const error = `a whole number of ${unit} from ${minimum} to ${maximum}`;
  return z.int({ error }).min(minimum, { error, abort: true }).max(maximum, { error, abort: true });
}

/** One of several words. */
export function oneOf<const Words extends readonly string[]>(...words: Words) {
  return z.enum(words, { error: `one of ${words.map((word) => `"${word}"`).join(', ')}` });
}

export const yesOrNo = z.boolean({ error: 'true or false' });

/** An object that allows only the keys of its shape. */
export function section<Shape extends z.ZodRawShape>(shape: Shape) {
  const keys = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `without unknown keys; known are ${keys}`
        : `an object with ${keys}`,
  });
}

/** A section that may be omitted, because all its keys have defaults. */
export function optionalSection<Shape extends z.ZodRawShape>(shape: Shape) {
  // biome-ignore lint/suspicious/noExplicitAny: zod checks the empty object against the shape's own defaults
  return section(shape).prefault({} as any);
}

export const accountNumber = text(/^(?!0{12})\d{12}$/, 'an AWS account number: 12 digits, in quotes');
const allowedRegion =
  'a region of AWS that this CDK knows, outside of China, GovCloud and the sovereign clouds, such as "eu-central-1"';
export const region = z
  .string({ error: allowedRegion })
  .refine(isKnownRegion, { error: allowedRegion, abort: true });
const allowedEmail = 'an e-mail address';
export const email = z.email({ error: allowedEmail }).max(254, { error: allowedEmail });

const isAsWritten = (value: string) => !/\$\{Token\[|\{\{resolve:/.test(value);

/**
 * Rejects text that would not stay as written: CDK replaces `${Token[…]}`, or fails on it, and CloudFormation replaces
 * `{{resolve:…}}`.
 *
 * @param allowed what the value is, such as `text`
 */
export const asWritten = (allowed: string) =>
  z.refine<string>(isAsWritten, {
    error: `${allowed} without "\${Token[" and "{{resolve:", in whose place CDK and CloudFormation put something else`,
    abort: true,
  });

/** An address that people and templates may show, so it must contain nothing secret. */
export function httpsAddress(longest: number) {
  const allowed = 'an https address';
  return text(/^https:\/\/[^\s\p{Cc}/?#]+([/?#][^\s\p{Cc}]*)?$/u, allowed)
    .refine((address) => URL.canParse(address), { error: allowed, abort: true })
    .check(asWritten(allowed))
    .max(longest, { error: `an https address of at most ${longest} characters`, abort: true })
    .refine((address) => !/^https:\/\/[^/?#]*@/.test(address), {
      error:
        'an https address without a user or a password: everybody who may see an alarm or a template can read it',
    });
}
