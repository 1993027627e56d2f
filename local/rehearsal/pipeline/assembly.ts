import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Pipeline } from '../../pipeline/pipeline.ts';
import { readPipeline } from '../../pipeline/read-pipeline.ts';

/** The root of this clone. */
export const repository = join(import.meta.dirname, '..', '..', '..');
/** Where `npm run synth` puts the templates. */
export const assembly = join(repository, 'cdk.out');
const pipelineTemplate = join(assembly, 'pipeline.template.json');
/** What a synthesis writes last: without it the assembly is not whole. */
const manifest = join(assembly, 'manifest.json');

/** What the pipeline's own template depends on. */
const inputs = ['cdk.json', 'package-lock.json', 'bin/**/*.ts', 'lib/**/*.ts', 'buildspecs/*.yml'];

/**
 * The pipeline as its synthesized template describes it. Synthesizes it first unless the template is younger than all
 * that it is made of.
 *
 * @param report told when a synthesis begins, as it takes a while
 * @throws Error with the end of the synthesis' output when it fails
 */
export async function synthesizedPipeline(report: (line: string) => void): Promise<Pipeline> {
  if (!isFresh(manifest)) {
    report('Synthesizing the pipeline, to know what there is to rehearse …');
    await run(['test/synth.ts']);
  }
  return readPipeline(JSON.parse(readFileSync(pipelineTemplate, 'utf8')), {
    account: '000000000000',
    region: 'eu-central-1',
    assembly,
  });
}

/** @throws Error with the end of what the program printed when it fails */
async function run(words: readonly string[]): Promise<void> {
  const { failed, all, shortMessage } = await execa(process.execPath, words, {
    cwd: repository,
    all: true,
    reject: false,
    timeout: 600_000,
  });
  if (failed) {
    throw new Error(
      `The pipeline does not synthesize (${words[0]}):\n${(all || shortMessage || '').split('\n').slice(-30).join('\n')}`,
    );
  }
}

/** Whether a file is younger than all that it is made of. */
function isFresh(file: string): boolean {
  const made = modified(file);
  return made > 0 && inputs.every((pattern) => files(pattern).every((input) => modified(input) <= made));
}

function files(pattern: string): string[] {
  return globSync(pattern, { cwd: repository }).map((file) => join(repository, file));
}

/** Milliseconds since the epoch; 0 for a file that is not there. */
function modified(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
