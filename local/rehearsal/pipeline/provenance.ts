import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { templateImages } from '../../../lib/aws/provenance/template-images.ts';
import {
  acceptedFindingsFile,
  imageArtifact,
  isSignAction,
  sbomFile,
} from '../../../lib/config/pipeline-names.ts';
import type { Pipeline } from '../../pipeline/pipeline.ts';
import { assembly, repository } from './assembly.ts';
import { runBuildAction } from './build-action.ts';
import { bucketsOf, type Execution } from './execution.ts';

/** The execution's id, which CodePipeline would assign. */
export const executionId = 'rehearsal';

/**
 * Signs the images of the templates, once per execution, with the pipeline's own program and a key of this machine.
 * First it fills in the records of CodePipeline and the registry: gates that are only shown here count as passed, and a
 * bill of materials is made up for each image.
 */
export class RehearsedSignatures {
  readonly #pipeline: Pipeline;
  readonly #execution: Execution;
  #signed: Promise<void> | undefined;

  constructor(pipeline: Pipeline, execution: Execution) {
    this.#pipeline = pipeline;
    this.#execution = execution;
  }

  /** @throws Error with the end of the program's log when signing fails */
  signed(report: (line: string) => void): Promise<void> {
    this.#signed ??= this.#sign(report);
    return this.#signed;
  }

  async #sign(report: (line: string) => void): Promise<void> {
    const actions = this.#pipeline.stages.flatMap((stage) => stage.actions);
    const { record, commit, stateDirectory, sources } = this.#execution;
    const now = Date.now() / 1000;
    const digests = new Map(this.#images().map(({ name, digest }) => [name.split('/').at(-1), digest]));
    record.executions.push({ id: executionId, revision: commit });
    for (const action of actions) {
      if (action.kind !== 'build' || action.stage !== 'Build') continue;
      const image = action.environment.SERVICE;
      const IMAGE_DIGEST = digests.get(image) ?? '';
      record.builds.push({
        execution: executionId,
        stage: action.stage,
        action: action.name,
        status: 'Succeeded',
        id: `${action.project}:rehearsal`,
        startTime: now,
        lastUpdateTime: now,
        outputVariables: image ? { IMAGE_DIGEST, IMAGE_STATE: 'absent' } : {},
      });
      if (!image) continue;
      record.images.set(`${action.environment.IMAGE_REPOSITORY}:${commit}`, {
        digest: IMAGE_DIGEST,
        pushedAt: now,
      });
      sources[imageArtifact(image)] = billOfMaterials(join(stateDirectory, `sbom-${image}`), image);
    }
    const buckets = bucketsOf(stateDirectory);
    knowNodeJs(join(buckets, 'nodejs'));
    const signing = actions
      .filter((action) => action.kind === 'build')
      .filter(({ name }) => isSignAction(name));
    // The key belongs to this rehearsal, so signatures that an earlier rehearsal made for the same images are invalid.
    for (const { environment } of signing)
      rmSync(join(buckets, environment.PROVENANCE_BUCKET ?? 'none'), { recursive: true, force: true });
    for (const action of signing) await runBuildAction(action, this.#execution, report);
  }

  #images() {
    return this.#pipeline.stages
      .flatMap((stage) => stage.actions)
      .filter((action) => action.kind === 'deploy')
      .flatMap(({ templatePath }) =>
        templateImages(JSON.parse(readFileSync(join(assembly, templatePath), 'utf8'))),
      );
  }
}

function billOfMaterials(directory: string, image: string): string {
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    join(directory, sbomFile(image)),
    JSON.stringify({
      bomFormat: 'CycloneDX',
      components: [{ purl: `pkg:generic/node@${process.versions.node}` }],
    }),
  );
  copyFileSync(join(repository, acceptedFindingsFile), join(directory, acceptedFindingsFile));
  return directory;
}

/** Pretends that Node.js has no known vulnerabilities, because there may be no access to the internet. */
function knowNodeJs(directory: string): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'index.json'), '{}');
  const line = `v${process.versions.node.split('.')[0]}`;
  writeFileSync(join(directory, 'schedule.json'), JSON.stringify({ [line]: { end: '2999-12-31' } }));
}
