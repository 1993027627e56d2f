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

/** What is the same for all images of an execution. */
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
  /** The builds that had to succeed, as ARNs by their actions. */
  readonly gates: Readonly<Record<string, string>>;
  arnOf(kind: 'build' | 'project', name: string): string;
}

/** One image of the execution, and what is known of it. */
export interface ImageToSign extends RegisteredImage {
  /** Such as `windows-auth/web`. */
  readonly name: string;
  readonly service: string;
  /** The key of what the commit makes it of. */
  readonly inputs: string;
  /** The builds of the image, of all executions of the commit. */
  readonly builds: readonly RecordedBuild[];
  /** The folder that its build has handed on. */
  readonly artifact: string;
}

/**
 * Signs what is known of an image of a commit: that a build of this commit has made it, or, where another commit's is signed
 * already, that this one has left it unchanged.
 *
 * @returns what was signed, for people
 * @throws Error a sentence when it is not to be signed
 */
export async function signImage(context: SigningContext, image: ImageToSign): Promise<string> {
  const { store, publicKey, repository, revision } = context;
  const kept = await store.find(image);
  // Nobody but the signer writes what is kept, so what is missing was never signed.
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
  // What an image says of itself is read by scanners and people, and must not be another commit.
  const { 'org.opencontainers.image.revision': label } = await context.registry.labels(image);
  if (label !== revision) {
    throw new Error(
      `${name}:${revision} says in its label that it is of the revision ${label ?? '(none)'}: it was built of something else, or an earlier image was pushed again. Nothing of it is signed. Push another commit.`,
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
  // Verified as at a deployment: what would be refused then is not kept now.
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
  // An execution that is begun again finds what the first one has taken over.
  const choosing = image.builds.filter(({ variables }) => variables.IMAGE_DIGEST === digest);
  const at = new Date(Math.min(...choosing.map(({ startedAt }) => startedAt.getTime())));
  const against = reasonAgainst(earlier, { inputs, at });
  if (against) {
    throw new Error(
      `${name}:${revision} is the image ${digest}, which was built of ${earlier.revision}, and it is not to be taken over: ${against}. Nothing of it is signed. Find out which build has given it this tag (CloudTrail: PutImage), and push another commit.`,
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
  return `Signed: ${name}@${digest}, unchanged since ${earlier.revision}, of which ${earlier.build} has built it`;
}

/** What the scan has said, after it was judged, and what is known of the Node.js in the image with it. */
async function checked({ registry, threshold, revision }: SigningContext, image: ImageToSign, sbom: string) {
  const { name } = image;
  const acceptedFile = join(image.artifact, acceptedFindingsFile);
  const scan = await acceptedScan(registry, { repository: name, tag: revision }, { threshold, acceptedFile });
  // Scans look at Debian's packages, the audit at npm's.
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
