import * as z from 'zod';
import { gatesSchema, hex, scanSchema, statementType, subjectSchema, text } from './statement.ts';

/** A type of this project's own, since there is no public one for such a statement. */
const unchangedType = 'urn:ecs-windows-authentication:unchanged:1';

/**
 * What is stated about an image that a commit has not changed: that it is made from the same inputs as this commit's would
 * be, which build of which other commit has made it, and what has been checked for this commit.
 *
 * @see https://github.com/in-toto/attestation/blob/main/spec/v1/predicate.md
 */
export const unchangedSchema = z.strictObject({
  _type: z.literal(statementType),
  subject: subjectSchema,
  predicateType: z.literal(unchangedType),
  predicate: z.strictObject({
    repository: text,
    revision: text,
    /** The key of what both commits make the image of. */
    inputs: hex,
    /** The commit that the image was built of, and the build. */
    builtOf: z.strictObject({ revision: text, build: text }),
    pipeline: text,
    execution: text,
    scan: scanSchema,
    gates: gatesSchema,
  }),
});

/** What such a statement says, in the words of this project. */
export interface StatedUnchanged extends z.output<typeof unchangedSchema.shape.predicate> {
  /** With registry and account. */
  readonly name: string;
  /** `sha256:…` */
  readonly digest: string;
}

/** The statement that an image is unchanged, ready to be signed. `statedUnchanged` reads it back. */
export function makeUnchanged({ name, digest, ...predicate }: StatedUnchanged) {
  return {
    _type: statementType,
    subject: [{ name, digest: { sha256: digest.replace(/^sha256:/, '') } }],
    predicateType: unchangedType,
    predicate,
  };
}

/** What such a statement says, read back from it; its signature must have been checked. */
export function statedUnchanged(statement: z.output<typeof unchangedSchema>): StatedUnchanged {
  const [{ name, digest }] = statement.subject;
  return { name, digest: `sha256:${digest.sha256}`, ...statement.predicate };
}
