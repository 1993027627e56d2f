import * as z from 'zod';
import { type BaseImage, baseImagePurl } from './base-images.ts';

export const text = z.string().min(1);
/** SHA-256 in hexadecimal digits. */
export const hex = z.string().regex(/^[0-9a-f]{64}$/);
const sha256 = z.strictObject({ sha256: hex });
/** The image that a statement is about. */
export const subjectSchema = z.tuple([z.strictObject({ name: text, digest: sha256 })]);
/** The source and the base images; older statements list no base images. */
const dependencies = z
  .tuple([z.strictObject({ uri: text, digest: z.record(z.string(), text) })])
  .rest(z.strictObject({ name: text, uri: text, digest: sha256 }));
const finding = z.strictObject({ id: text, reason: text, until: text });

/** Result of the image scan when the statement was made. */
export const scanSchema = z.strictObject({
  verdict: z.literal('passed'),
  /** Findings of this severity or higher are refused, unless they have been accepted. */
  threshold: text,
  counts: z.record(z.string(), z.number()),
  accepted: z.array(finding),
});

/** The builds that had to succeed before: names of pipeline actions, with the ARNs of their builds. */
export const gatesSchema = z.record(z.string(), text).refine((builds) => Object.keys(builds).length > 0);

export const statementType = 'https://in-toto.io/Statement/v1';
const provenanceType = 'https://slsa.dev/provenance/v1';

/**
 * A statement about one image: its source, the build that made it, its content, and the checks that it passed.
 *
 * @see https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
 * @see https://slsa.dev/spec/v1.0/provenance
 */
export const statementSchema = z.strictObject({
  _type: z.literal(statementType),
  subject: subjectSchema,
  predicateType: z.literal(provenanceType),
  predicate: z.strictObject({
    buildDefinition: z.strictObject({
      buildType: text,
      externalParameters: z.strictObject({ repository: text, revision: text, image: text }),
      // Statements from before images were reused have no key: they remain valid, but their images are not reused.
      internalParameters: z.strictObject({ pipeline: text, execution: text, inputs: hex.optional() }),
      resolvedDependencies: dependencies,
    }),
    runDetails: z.strictObject({
      builder: z.strictObject({ id: text }),
      metadata: z.strictObject({ invocationId: text, startedOn: text, finishedOn: text }),
      byproducts: z.tuple([
        z.strictObject({ name: z.literal('sbom'), uri: text, mediaType: text, digest: sha256 }),
        z.strictObject({ name: z.literal('scan'), annotations: scanSchema }),
        z.strictObject({ name: z.literal('gates'), annotations: gatesSchema }),
      ]),
    }),
  }),
});
export type Statement = z.output<typeof statementSchema>;

/** The content of a statement, in this project's terms. */
export interface StatedImage {
  /** With registry and account. */
  readonly name: string;
  readonly digest: string;
  readonly repository: string;
  /** The commit, or the version of the source object. */
  readonly revision: string;
  /** ARN of the build that made the image. */
  readonly build: string;
  /** The images that it was built from; empty if none are recorded. */
  readonly baseImages: readonly BaseImage[];
  readonly pipeline: string;
  readonly execution: string;
  /** SHA-256 over all inputs of the image, in hexadecimal digits; absent in older statements. */
  readonly inputs?: string | undefined;
  /** ISO 8601. */
  readonly startedOn: string;
  readonly finishedOn: string;
  readonly sbom: { readonly uri: string; readonly sha256: string };
  readonly scan: z.output<typeof scanSchema>;
  readonly gates: Readonly<Record<string, string>>;
}

/** Tells readers of statements how the pipeline builds images. */
const buildType = 'https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html';

/**
 * Makes the statement about an image, ready to be signed. `statedImage` is the inverse.
 *
 * @param image `builder` is the ARN of the CodeBuild project that made it
 */
export function makeStatement(image: StatedImage & { readonly builder: string }): Statement {
  const { name, digest, repository, revision, sbom } = image;
  const isCommit = /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(revision);
  return {
    _type: statementType,
    subject: [{ name, digest: { sha256: digest.replace(/^sha256:/, '') } }],
    predicateType: provenanceType,
    predicate: {
      buildDefinition: {
        buildType,
        externalParameters: { repository, revision, image: name.split('/').at(-1) ?? name },
        internalParameters: {
          pipeline: image.pipeline,
          execution: image.execution,
          ...(image.inputs && { inputs: image.inputs }),
        },
        resolvedDependencies: [
          {
            uri: repository.startsWith('https:') ? `git+${repository}` : repository,
            digest: isCommit ? { gitCommit: revision } : { version: revision },
          },
          ...image.baseImages.map((base) => ({
            name: base.name,
            uri: baseImagePurl(base),
            digest: { sha256: base.digest.replace(/^sha256:/, '') },
          })),
        ],
      },
      runDetails: {
        builder: { id: image.builder },
        metadata: { invocationId: image.build, startedOn: image.startedOn, finishedOn: image.finishedOn },
        byproducts: [
          {
            name: 'sbom',
            uri: sbom.uri,
            mediaType: 'application/vnd.cyclonedx+json',
            digest: { sha256: sbom.sha256 },
          },
          { name: 'scan', annotations: image.scan },
          { name: 'gates', annotations: image.gates },
        ],
      },
    },
  };
}

/** Reads back the content of a statement; its signature and schema must have been checked. */
export function statedImage({ subject: [{ name, digest }], predicate }: Statement): StatedImage {
  const { buildDefinition, runDetails } = predicate;
  const { repository, revision } = buildDefinition.externalParameters;
  const { invocationId, startedOn, finishedOn } = runDetails.metadata;
  const [, ...bases] = buildDefinition.resolvedDependencies;
  const [sbom, { annotations: scanned }, { annotations: builds }] = runDetails.byproducts;
  return {
    name,
    digest: `sha256:${digest.sha256}`,
    repository,
    revision,
    build: invocationId,
    baseImages: bases.map((base) => ({ name: base.name, digest: `sha256:${base.digest.sha256}` })),
    ...buildDefinition.internalParameters,
    startedOn,
    finishedOn,
    sbom: { uri: sbom.uri, sha256: sbom.digest.sha256 },
    scan: scanned,
    gates: builds,
  };
}
