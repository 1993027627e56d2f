import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { buildImages, type Images, imageOf } from '../../containers/images/build-images.ts';
import { setUpContainers } from '../../containers/setup/setup.ts';
import type { BuildAction } from '../../pipeline/pipeline.ts';
import type { Execution } from './execution.ts';

/** Builds the images once for all actions that need them; each action then exports the digest of its own image. */
export class RehearsedImages {
  readonly #execution: Execution;
  #built: Promise<Images> | undefined;

  constructor(execution: Execution) {
    this.#execution = execution;
  }

  /** @throws Error when there is no container engine, or an image cannot be built */
  built(report: (line: string) => void): Promise<Images> {
    if (!this.#built) {
      const { running } = this.#execution;
      const built = this.#build(report);
      running.add(built);
      this.#built = built.finally(() => running.delete(built));
    }
    return this.#built;
  }

  async #build(report: (line: string) => void): Promise<Images> {
    const { commit, stateDirectory, signal } = this.#execution;
    const logFile = join(stateDirectory, 'logs', 'images.log');
    return buildImages(await setUpContainers({ report }), {
      repositoryPrefix: 'localhost/rehearsal',
      tag: commit,
      logFile,
      report,
      signal,
    });
  }

  async run(action: BuildAction, report: (line: string) => void): Promise<void> {
    const image = imageOf(await this.built(report), action.environment.SERVICE ?? '');
    this.#execution.variables.export(action.namespace, { IMAGE_DIGEST: image.digest });
    report(`${image.reference}, ${image.digest}`);
  }
}

/**
 * Lets later actions continue although an image was not built: exports a digest of the right form that identifies no
 * image. The templates can be synthesized and compared with it, but no task can run from it.
 */
export function exportStandInDigest(action: BuildAction, { variables, commit }: Execution): void {
  const digest = createHash('sha256').update(`${action.name}@${commit}`).digest('hex');
  variables.export(action.namespace, { IMAGE_DIGEST: `sha256:${digest}` });
}
