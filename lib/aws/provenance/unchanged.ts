import * as z from 'zod';
import { gatesSchema, hex, scanSchema, statementType, subjectSchema, text } from './statement.ts';

/** Our own type, because there is no public one for such a statement. */
const unchangedType = 'urn:ecs-windows-authentication:unchanged:1';

/**
 * A statement that a commit did not change an image: the commit would build it from the same inputs. It names the build
 * and the commit that made the image, and what has been checked for this commit.
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
    /** Key of the image's inputs, which are the same at both commits. */
    inputs: hex,
    /** The commit that the image was built from, and the build. */
    builtOf: z.strictObject({ revision: text, build: text }),
    pipeline: text,
    execution: text,
    scan: scanSchema,
    gates: gatesSchema,
  }),
});

/** The content of such a statement, in this project's terms. */
export interface StatedUnchanged extends z.output<typeof unchangedSchema.shape.predicate> {
  /** With registry and account. */
  readonly name: string;
  /** `sha256:…` */
  readonly digest: string;
}

/** Makes the statement that an image is unchanged, ready to be signed. `statedUnchanged` is the inverse. */
export function makeUnchanged({ name, digest, ...predicate }: StatedUnchanged) {
  return {
    _type: statementType,
    subject: [{ name, digest: { sha256: digest.replace(/^sha256:/, '') } }],
    predicateType: unchangedType,
    predicate,
  };
}

/** Reads back the content of such a statement; its signature must have been checked. */
export function statedUnchanged(statement: z.output<typeof unchangedSchema>): StatedUnchanged {
  const [{ name, digest }] = statement.subject;
  return { name, digest: `sha256:${digest.sha256}`, ...statement.predicate };
}
