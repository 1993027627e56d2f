import { z } from 'zod';

/** Text of one form; `allowed` completes the sentence "… must be …". */
export function text(pattern: RegExp, allowed: string) {
  return z.string({ error: allowed }).regex(pattern, { error: allowed });
}

/** A whole number within bounds; `unit` is what it counts. */
export function wholeNumber(minimum: number, maximum: number, unit: string) {
  const error = `a whole number of ${unit} from ${minimum} to ${maximum}`;
  return z.int({ error }).min(minimum, { error }).max(maximum, { error });
}

/** One of a few words. */
export function oneOf<const Words extends readonly string[]>(...words: Words) {
  return z.enum(words, { error: `one of ${words.map((word) => `"${word}"`).join(', ')}` });
}

/** true or false. */
export const yesOrNo = z.boolean({ error: 'true or false' });

/** An object that takes no other keys than its own. */
export function section<Shape extends z.ZodRawShape>(shape: Shape) {
  const keys = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `without unknown keys; known are ${keys}`
        : `an object with ${keys}`,
  });
}

/** A section that may be left out: every key of it has a default. */
export function optionalSection<Shape extends z.ZodRawShape>(shape: Shape) {
  // biome-ignore lint/suspicious/noExplicitAny: zod checks the empty object against the shape's own defaults
  return section(shape).prefault({} as any);
}

export const accountNumber = text(/^\d{12}$/, 'an AWS account number: 12 digits, in quotes');
/** Of the partition `aws`: what is deployed names services and principals as they are called there. */
export const region = text(
  /^(?!cn-|us-gov-|us-iso|eu-isoe-|eusc-)[a-z]{2}(-[a-z]+)+-\d$/,
  'a region of AWS outside of China, GovCloud and the sovereign clouds, such as "eu-central-1"',
);
export const email = z.email({ error: 'an e-mail address' });

const cidrForm = '(\\d{1,3}\\.){3}\\d{1,3}/\\d{1,2}';
const validCidr = (value: string) => {
  const [address = '', bits = ''] = value.split('/');
  return address.split('.').every((part) => Number(part) <= 255) && Number(bits) <= 32;
};

/** An IPv4 range in CIDR notation. */
export const cidr = text(new RegExp(`^${cidrForm}$`), 'an IPv4 range such as "10.0.0.0/8"').refine(
  validCidr,
  {
    error: 'an IPv4 range such as "10.0.0.0/8"',
  },
);
