import { createHash } from 'node:crypto';
import * as z from 'zod';
import { ReleaseError } from '../../../aws/errors.ts';
import { plainText } from '../../../aws/plain-text.ts';

const text = z.string();
/** Text that cannot fake further lines when it is printed. */
const line = z.string().refine((shown) => plainText(shown) === shown);
const format = 'ecs-windows-authentication/provenance/2';

/** What is signed about an image, as stored. */
const signedParts = {
  statement: text.optional(),
  sbom: text.optional(),
  unchanged: text.optional(),
};

const schema = z.strictObject({
  format: z.literal(format),
  environment: line,
  /** ISO 8601. */
  savedAt: z.iso.datetime(),
  pipeline: line,
  execution: z.strictObject({ id: line, revision: line, title: line }),
  images: z.array(z.strictObject({ name: line, digest: line, ...signedParts })),
  /** What the task definitions of each stack run, as `name@digest`. */
  tasks: z.array(z.strictObject({ stack: line, family: line, images: z.array(line) })),
  approvals: z.array(z.strictObject({ stage: line, status: line, by: line, at: line, comment: line })),
});

/**
 * What is known about an environment's images. Its statements are signed; the rest was reported by CloudFormation and
 * CodePipeline. It contains no key, because a key that came with the bundle would prove nothing.
 */
export type Bundle = z.infer<typeof schema>;

/** Adds the format that `readBundle` expects. */
export function makeBundle(content: Omit<Bundle, 'format'>): Bundle {
  return { format, ...content };
}

/** Writes a bundle with a checksum, which detects damage, but not forgery of both. */
export function writeBundle(bundle: Bundle): string {
  return `${JSON.stringify({ ...bundle, checksum: checksumOf(bundle) }, undefined, 2)}\n`;
}

/** @throws ReleaseError if the file is not a bundle, or has changed in any byte */
export function readBundle(file: string): Bundle {
  const result = schema.extend({ checksum: text }).safeParse(parsed(file));
  if (result.success) {
    const { checksum: _, ...bundle } = result.data;
    if (writeBundle(bundle) === file) return bundle;
  }
  throw new ReleaseError(
    'This is not a bundle as release verify --save wrote it: it was changed or truncated. Save it again.',
  );
}

function checksumOf(bundle: Bundle): string {
  return createHash('sha256').update(JSON.stringify(bundle)).digest('hex');
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(file);
  } catch {
    return undefined;
  }
}
