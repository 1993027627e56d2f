// Signs a statement about each image of an execution: its commit, its build, its contents and its checks; or that the
// commit has left it unchanged. It runs no code of the commit. The facts come from CodePipeline, the registry and the
// source.
import * as z from 'zod';
import { ProvenanceStore, SigningKey } from '../aws/provenance/store.ts';
import { imageAction, imageArtifact } from '../config/pipeline-names.ts';
import { imageInputs } from './images/inputs.ts';
import { Registry, severities } from './images/registry.ts';
import { refuseStandIns } from './images/stand-ins.ts';
import { progress, readVariables, runProgram } from './program.ts';
import { checkExported, passedGates } from './provenance/origin.ts';
import { PipelineRecord } from './provenance/pipeline-record.ts';
import { type SigningContext, signImage } from './provenance/sign-image.ts';

const text = z.string('it is required.').min(1, 'it must not be empty.');
const words = text.transform((value) => value.split(' '));

async function signImages(): Promise<void> {
  const variables = readVariables({
    AWS_REGION: text,
    CODEBUILD_SRC_DIR: text,
    TOOLS_ACCOUNT: text,
    PIPELINE: text,
    EXECUTION: text,
    REVISION: text,
    REPOSITORY: text,
    IMAGE_ARCHITECTURE: text,
    IMAGE_REGISTRY: text,
    IMAGE_REPOSITORIES: words,
    GATE_ACTIONS: words,
    FAIL_ON_SEVERITY: z.enum(severities, `it must be one of ${severities.join(', ')}.`),
    SIGNING_KEY: text,
    PROVENANCE_BUCKET: text,
  });
  const { AWS_REGION: region, PIPELINE: pipeline, EXECUTION: execution, REVISION: revision } = variables;
  const { REPOSITORY: repository, IMAGE_ARCHITECTURE: architecture, CODEBUILD_SRC_DIR: source } = variables;
  const arnOf = (kind: string, name: string) =>
    `arn:aws:codebuild:${region}:${variables.TOOLS_ACCOUNT}:${kind}/${name}`;
  const key = new SigningKey(variables.SIGNING_KEY, { region });
  const registry = new Registry(region);
  const record = new PipelineRecord(region, pipeline);
  const executions = new Set([execution, ...(await record.executionsOf(revision))]);
  const builds = (await Promise.all([...executions].map((id) => record.builds(id)))).flat();
  const own = builds.filter((build) => build.execution === execution);
  const gates = passedGates(own, variables.GATE_ACTIONS);
  const context: SigningContext = {
    store: new ProvenanceStore(variables.PROVENANCE_BUCKET, { region }),
    key,
    publicKey: await key.publicKey(),
    registry,
    host: variables.IMAGE_REGISTRY,
    ...{ repository, revision, pipeline, execution, arnOf },
    threshold: variables.FAIL_ON_SEVERITY,
    gates: Object.fromEntries([...gates].map(([gate, { id }]) => [gate, arnOf('build', id)])),
  };

  // The builds have checked this, too, but are not trusted.
  refuseStandIns(source);
  for (const name of variables.IMAGE_REPOSITORIES) {
    const service = name.split('/').at(-1) ?? '';
    const action = imageAction(service);
    const folder = `CODEBUILD_SRC_DIR_${imageArtifact(service)}`;
    const artifact = readVariables({ [folder]: text })[folder] ?? '';
    const pushed = await registry.image({ repository: name, tag: revision });
    if (!pushed) {
      throw new Error(`${name}:${revision} is not in the registry of ${region}: it was not pushed.`);
    }
    const [exported] = [...passedGates(own, [action]).values()];
    checkExported({ name: `${name}:${revision}`, ...pushed }, exported?.variables.IMAGE_DIGEST);
    const signed = await signImage(context, {
      ...{ name, service, artifact, ...pushed },
      // Computed from CodePipeline's source artifact, because a build's own claim is not trusted.
      inputs: imageInputs(source, { service, architecture, repository }).key,
      builds: builds.filter((build) => build.action === action),
    });
    progress(signed);
  }
}

runProgram(signImages);
