// Makes and signs a statement about each image of an execution: from which commit, by which build, with what in it,
// checked by what. It runs no code of the commit, and takes its facts from CodePipeline and the registry.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { seal, statementPayload } from '../aws/provenance/envelope.ts';
import { makeStatement, statementSchema } from '../aws/provenance/statement.ts';
import { ProvenanceStore, SigningKey } from '../aws/provenance/store.ts';
import { verifyStatement } from '../aws/provenance/verify-statement.ts';
import { acceptedFindingsFile, imageAction, imageArtifact, sbomFile } from '../config/pipeline-names.ts';
import { readAcceptedFindings } from './images/accepted-findings.ts';
import { acceptedScan } from './images/accepted-scan.ts';
import { baseImagesOf, checkNode, contentsOf } from './images/contents.ts';
import { Registry, severities } from './images/registry.ts';
import { progress, readVariables, runProgram } from './program.ts';
import { originOf, passedGates } from './provenance/origin.ts';
import { PipelineRecord } from './provenance/pipeline-record.ts';

const text = z.string('it must be told.').min(1, 'it must not be empty.');
const words = text.transform((value) => value.split(' '));

async function signImages(): Promise<void> {
  const variables = readVariables({
    AWS_REGION: text,
    TOOLS_ACCOUNT: text,
    PIPELINE: text,
    EXECUTION: text,
    REVISION: text,
    REPOSITORY: text,
    IMAGE_REGISTRY: text,
    IMAGE_REPOSITORIES: words,
    GATE_ACTIONS: words,
    FAIL_ON_SEVERITY: z.enum(severities, `it must be one of ${severities.join(', ')}.`),
    SIGNING_KEY: text,
    PROVENANCE_BUCKET: text,
  });
  const { AWS_REGION: region, PIPELINE: pipeline, EXECUTION: execution, REVISION: revision } = variables;
  const { IMAGE_REGISTRY, REPOSITORY: repository } = variables;
  const arnOf = (kind: string, name: string) =>
    `arn:aws:codebuild:${region}:${variables.TOOLS_ACCOUNT}:${kind}/${name}`;
  const store = new ProvenanceStore(variables.PROVENANCE_BUCKET, { region });
  const key = new SigningKey(variables.SIGNING_KEY, { region });
  const registry = new Registry(region);
  const record = new PipelineRecord(region, pipeline);
  const executions = new Set([execution, ...(await record.executionsOf(revision))]);
  const builds = (await Promise.all([...executions].map((id) => record.builds(id)))).flat();
  const own = builds.filter((build) => build.execution === execution);
  const gates = passedGates(own, variables.GATE_ACTIONS);

  for (const [index, imageRepository] of variables.IMAGE_REPOSITORIES.entries()) {
    const service = imageRepository.split('/').at(-1) ?? '';
    const action = imageAction(service);
    // The first image's artifact is the build's primary input.
    const folder = index === 0 ? 'CODEBUILD_SRC_DIR' : `CODEBUILD_SRC_DIR_${imageArtifact(service)}`;
    const artifact = readVariables({ [folder]: text })[folder] ?? '';
    const reference = { repository: imageRepository, tag: revision };
    const [exported] = [...passedGates(own, [action]).values()];
    const pushed = await registry.image(reference);
    const name = `${imageRepository}:${revision}`;
    if (!pushed) throw new Error(`${name} is not in the registry of ${region}: it was not pushed.`);
    const { digest } = pushed;
    const origin = originOf(
      { name, ...pushed },
      exported?.variables.IMAGE_DIGEST,
      builds.filter((build) => build.action === action),
    );
    const sbom = readFileSync(join(artifact, sbomFile(service)), 'utf8');
    const scan = await acceptedScan(registry, reference, {
      threshold: variables.FAIL_ON_SEVERITY,
      acceptedFile: join(artifact, acceptedFindingsFile),
    });
    // Scans look at Debian's packages, the audit at npm's.
    await checkNode(name, contentsOf(sbom), {
      threshold: variables.FAIL_ON_SEVERITY,
      accepted: readAcceptedFindings(join(artifact, acceptedFindingsFile)),
      today: new Date().toISOString().slice(0, 10),
    });
    const statement = makeStatement({
      name: `${IMAGE_REGISTRY}/${imageRepository}`,
      digest,
      repository,
      revision,
      builder: arnOf('project', origin.id.split(':')[0] ?? ''),
      build: arnOf('build', origin.id),
      baseImages: baseImagesOf(sbom),
      pipeline,
      execution,
      startedOn: origin.startedAt.toISOString(),
      finishedOn: origin.endedAt.toISOString(),
      sbom: {
        uri: store.sbomAddress({ name: imageRepository, digest }),
        sha256: createHash('sha256').update(sbom).digest('hex'),
      },
      scan,
      gates: Object.fromEntries([...gates].map(([gate, { id }]) => [gate, arnOf('build', id)])),
    });
    const envelope = await seal(statementPayload, JSON.stringify(statementSchema.parse(statement)), (hash) =>
      key.sign(hash),
    );
    // As whoever deploys it will: what could not be verified then is not kept now.
    verifyStatement(envelope, await key.publicKey(), {
      digest,
      repository,
      revision,
      name: imageRepository,
    });
    await store.keep({ name: imageRepository, digest }, { statement: envelope, sbom });
    progress(`Signed: ${imageRepository}@${digest}, built by ${origin.id}`);
  }
}

runProgram(signImages);
