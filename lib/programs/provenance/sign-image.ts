import { createHash, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { seal, statementPayload } from '../../aws/provenance/envelope.ts';
import { makeStatement, type StatedImage, statementSchema } from '../../aws/provenance/statement.ts';
import type { ProvenanceStore, SigningKey } from '../../aws/provenance/store.ts';
import { makeUnchanged, unchangedSchema } from '../../aws/provenance/unchanged.ts';
import { verifyImage } from '../../aws/provenance/verify-image.ts';
import { verifySbom, verifyStatement } from '../../aws/provenance/verify-statement.ts';
import { acceptedFindingsFile, sbomFile } from '../../config/pipeline-names.ts';
import { readAcceptedFindings } from '../images/accepted-findings.ts';
import { acceptedScan } from '../images/accepted-scan.ts';
import { baseImagesOf, checkNode, contentsOf } from '../images/contents.ts';
import type { RegisteredImage, Registry, Severity } from '../images/registry.ts';
import { reasonAgainst } from '../images/reuse.ts';
import { originOf } from './origin.ts';
import type { RecordedBuild } from './pipeline-record.ts';

/** What all images of an execution share. */
export interface SigningContext {
  readonly store: ProvenanceStore;
  readonly key: SigningKey;
  readonly publicKey: KeyObject;
  readonly registry: Registry;
  /** The host of the registry. */
  readonly host: string;
  readonly repository: string;
  readonly revision: string;
  readonly pipeline: string;
  readonly execution: string;
  readonly threshold: Severity;
  /** The ARNs of the builds that must have succeeded, by action. */
  readonly gates: Readonly<Record<string, string>>;
  arnOf(kind: 'build' | 'project', name: string): string;
}

/** One image of the execution, and what is known about it. */
export interface ImageToSign extends RegisteredImage {
  /** For example `windows-auth/web`. */
  readonly name: string;
  readonly service: string;
  /** The key of the commit's inputs for it. */
  readonly inputs: string;
  /** The builds of the image in all executions of the commit. */
  readonly builds: readonly RecordedBuild[];
  /** The folder with its build's artifact. */
  readonly artifact: string;
}

/**
 * Signs a statement about an image of a commit: that a build of this commit has made it, or, if the image is already signed
 * for another commit, that this commit has left it unchanged.
 *
 * @returns a log message that says what was signed
 * @throws Error when it must not be signed
 */
export async function signImage(context: SigningContext, image: ImageToSign): Promise<string> {
  const { store, publicKey, repository, revision } = context;
  const kept = await store.find(image);
  // Only the signer may write to the store, so an image without a statement was not signed.
  const earlier =
    kept.statement === undefined
      ? undefined
      : verifyStatement(kept.statement, publicKey, { name: image.name, digest: image.digest, repository });
  return earlier === undefined || earlier.revision === revision
    ? signBuilt(context, image)
    : signUnchanged(context, image, { ...kept, earlier });
}

async function signBuilt(context: SigningContext, image: ImageToSign): Promise<string> {
  const { store, host, repository, revision, pipeline, execution, gates, arnOf } = context;
  const { name, digest, inputs } = image;
  const origin = originOf({ ...image, name: `${name}:${revision}` }, image.builds);
  // Scanners and people read the image's label, so it must not name another commit.
  const { 'org.opencontainers.image.revision': label } = await context.registry.labels(image);
  if (label !== revision) {
    throw new Error(
      `${name}:${revision} has the revision ${label ?? '(none)'} in its label: it was built from something else, or an earlier image was pushed again. It is not signed. Push another commit.`,
    );
  }
  const sbom = readFileSync(join(image.artifact, sbomFile(image.service)), 'utf8');
  const statement = makeStatement({
    name: `${host}/${name}`,
    digest,
    repository,
    revision,
    builder: arnOf('project', origin.id.split(':')[0] ?? ''),
    build: arnOf('build', origin.id),
    baseImages: baseImagesOf(sbom),
    pipeline,
    execution,
    inputs,
    startedOn: origin.startedAt.toISOString(),
    finishedOn: origin.endedAt.toISOString(),
    sbom: { uri: store.sbomAddress(image), sha256: createHash('sha256').update(sbom).digest('hex') },
    scan: await checked(context, image, sbom),
    gates,
  });
  const envelope = await sealed(context, statementSchema.parse(statement));
  // Verifies the statement like a deployment does, so that one that would be refused then is not stored.
  verifyImage({ statement: envelope }, context.publicKey, { name, digest, repository, revision });
  await store.keep(image, { statement: envelope, sbom, inputs });
  return `Signed: ${name}@${digest}, built by ${origin.id}`;
}

async function signUnchanged(
  context: SigningContext,
  image: ImageToSign,
  kept: {
    readonly statement: string | undefined;
    readonly sbom: string | undefined;
    readonly earlier: StatedImage;
  },
): Promise<string> {
  const { store, host, repository, revision, pipeline, execution, gates } = context;
  const { name, digest, inputs } = image;
  const { earlier, statement } = kept;
  // A later build of the commit finds the image that the first one chose, so the first build's time counts.
  const choosing = image.builds.filter(({ variables }) => variables.IMAGE_DIGEST === digest);
  const at = new Date(Math.min(...choosing.map(({ startedAt }) => startedAt.getTime())));
  const against = reasonAgainst(earlier, { inputs, at });
  if (against) {
    throw new Error(
      `${name}:${revision} is the image ${digest}, which was built from ${earlier.revision}, and this commit must not reuse it: ${against}. It is not signed. Find out which build has given it this tag (CloudTrail: PutImage), and push another commit.`,
    );
  }
  const unchanged = makeUnchanged({
    name: `${host}/${name}`,
    digest,
    repository,
    revision,
    inputs,
    builtOf: { revision: earlier.revision, build: earlier.build },
    pipeline,
    execution,
    scan: await checked(context, image, verifySbom(kept.sbom, earlier)),
    gates,
  });
  const envelope = await sealed(context, unchangedSchema.parse(unchanged));
  verifyImage({ statement, unchanged: envelope }, context.publicKey, { name, digest, repository, revision });
  await store.keepUnchanged(image, revision, envelope);
  return `Signed: ${name}@${digest}, unchanged since ${earlier.revision}, from which ${earlier.build} has built it`;
}

/** Judges the image's scan, and the known vulnerabilities of its Node.js. @returns the scan's result */
async function checked({ registry, threshold, revision }: SigningContext, image: ImageToSign, sbom: string) {
  const { name } = image;
  const acceptedFile = join(image.artifact, acceptedFindingsFile);
  const scan = await acceptedScan(registry, { repository: name, tag: revision }, { threshold, acceptedFile });
  // The scan covers Debian packages and the audit npm packages, but neither covers Node.js.
  await checkNode(`${name}:${revision}`, contentsOf(sbom), {
    threshold,
    accepted: readAcceptedFindings(acceptedFile),
    today: new Date().toISOString().slice(0, 10),
  });
  return scan;
}

function sealed({ key }: SigningContext, statement: object): Promise<string> {
  return seal(statementPayload, JSON.stringify(statement), (hash) => key.sign(hash));
}
