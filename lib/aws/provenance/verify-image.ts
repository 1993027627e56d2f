import type { KeyObject } from 'node:crypto';
import { ReleaseError } from '../errors.ts';
import { open, statementPayload } from './envelope.ts';
import type { StatedImage } from './statement.ts';
import { type StatedUnchanged, statedUnchanged, unchangedSchema } from './unchanged.ts';
import { type ExpectedImage, verifyStatement } from './verify-statement.ts';

/** The signed statements that are stored about an image. */
export interface SignedImage {
  /** The statement of the build that made it. */
  readonly statement?: string | undefined;
  /** The statement that the commit in question left it unchanged; absent for the commit that it was built from. */
  readonly unchanged?: string | undefined;
}

/** The verified content of the statements about an image. */
export interface VerifiedStatements {
  /** About the commit that the image was built from. */
  readonly stated: StatedImage;
  /** That the deployed commit left the image unchanged; undefined if the image was built from that commit. */
  readonly unchanged?: StatedUnchanged;
}

/**
 * Verifies the statements about an image of a commit: that it was built from this commit, or from another one that has
 * the same inputs.
 *
 * @param expected without a `revision`, any commit is accepted
 * @throws ReleaseError with the reason why the image must not be deployed
 */
export function verifyImage(
  { statement, unchanged }: SignedImage,
  key: KeyObject,
  { revision, ...expected }: ExpectedImage,
): VerifiedStatements {
  const stated = verifyStatement(statement, key, expected);
  if (revision === undefined || stated.revision === revision) return { stated };
  const about = `the image ${expected.name}@${expected.digest}`;
  if (unchanged === undefined) {
    throw new ReleaseError(
      `The statement about ${about} is about another commit: ${stated.revision}, not ${revision}; and no signed statement says that this commit left the image unchanged.`,
    );
  }
  return { stated, unchanged: verifyUnchanged(unchanged, key, { ...expected, revision, stated }) };
}

interface ExpectedUnchanged extends ExpectedImage {
  readonly revision: string;
  readonly stated: StatedImage;
}

function verifyUnchanged(
  envelope: string,
  key: KeyObject,
  { name, digest, repository, revision, stated }: ExpectedUnchanged,
): StatedUnchanged {
  const about = `the image ${name}@${digest}, that it is unchanged at ${revision},`;
  const result = unchangedSchema.safeParse(parsed(open(envelope, statementPayload, key, about)));
  if (!result.success) {
    throw new ReleaseError(
      `The signed statement about ${about} does not have this pipeline's form: ${result.error.issues[0]?.path.join('.') || 'the whole of it'} is wrong.`,
    );
  }
  const found = statedUnchanged(result.data);
  const facts: [what: string, stated: string, wanted: string | undefined][] = [
    ['digest', found.digest, digest],
    ['image', found.name, stated.name],
    ['repository', found.repository, repository],
    ['commit', found.revision, revision],
    // Both statements are signed, and must agree.
    ['commit that it was built of', found.builtOf.revision, stated.revision],
    ['build', found.builtOf.build, stated.build],
    ['key of what it is made of', found.inputs, stated.inputs],
  ];
  for (const [what, is, wanted] of facts) {
    if (is !== wanted)
      throw new ReleaseError(
        `The statement about ${about} is about another ${what}: ${is}, not ${wanted ?? 'any that is known'}.`,
      );
  }
  return found;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
