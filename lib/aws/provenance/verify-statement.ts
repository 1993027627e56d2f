import { createHash, type KeyObject } from 'node:crypto';
import { ReleaseError } from '../errors.ts';
import { open, statementPayload } from './envelope.ts';
import { type StatedImage, statedImage, statementSchema } from './statement.ts';

/** What the image must be, according to sources other than the statement. */
export interface ExpectedImage {
  /** `sha256:…` */
  readonly digest: string;
  /** The source, as `sourceAddress` writes it. */
  readonly repository: string;
  /** The commit, or the version of the source object, that is deployed; absent: any. */
  readonly revision?: string;
  /** The image that the digest is used as, such as `windows-auth/web`. */
  readonly name: string;
}

/**
 * Verifies the statement about an image: its signature, and that it is about this image, repository and commit.
 *
 * @param envelope as it is stored; undefined when there is none
 * @returns the content of the statement
 * @throws ReleaseError with the reason why the image must not be deployed
 */
export function verifyStatement(
  envelope: string | undefined,
  key: KeyObject,
  expected: ExpectedImage,
): StatedImage {
  const about = `the image ${expected.name}@${expected.digest}`;
  if (envelope === undefined) {
    throw new ReleaseError(
      `There is no statement about ${about}: it was not built by this pipeline, or the pipeline did not get as far as signing it. Push a commit, so that its images are built and signed.`,
    );
  }
  const result = statementSchema.safeParse(parsed(open(envelope, statementPayload, key, about)));
  if (!result.success) {
    throw new ReleaseError(
      `The signed statement about ${about} does not have this pipeline's form: ${result.error.issues[0]?.path.join('.') || 'the whole of it'} is wrong. Another version of the pipeline may have signed it: push a commit, so that its images are signed again.`,
    );
  }
  const image = statedImage(result.data);
  const differs = (what: string, stated: string, wanted: string) =>
    new ReleaseError(`The statement about ${about} is about another ${what}: ${stated}, not ${wanted}.`);
  if (image.digest !== expected.digest) throw differs('digest', image.digest, expected.digest);
  if (!image.name.endsWith(`/${expected.name}`)) throw differs('image', image.name, expected.name);
  if (image.repository !== expected.repository)
    throw differs('repository', image.repository, expected.repository);
  if (expected.revision !== undefined && image.revision !== expected.revision)
    throw differs('commit', image.revision, expected.revision);
  return image;
}

/**
 * Verifies that a bill of materials is the one that the statement names.
 *
 * @throws ReleaseError if it is missing, or another one
 */
export function verifySbom(sbom: string | undefined, { name, digest, sbom: stated }: StatedImage): string {
  if (sbom !== undefined && createHash('sha256').update(sbom).digest('hex') === stated.sha256) return sbom;
  const what = sbom === undefined ? 'is missing' : 'is not the one that was signed: it was changed';
  throw new ReleaseError(`The bill of materials of ${name}@${digest} ${what}.`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
