import { globSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Pipeline } from '../../pipeline/pipeline.ts';
import { readPipeline } from '../../pipeline/read-pipeline.ts';
import { logTail, startProcess } from '../../processes/managed-process.ts';

/** The root of this clone. */
export const repository = join(import.meta.dirname, '..', '..', '..');
/** The folder into which `npm run synth` writes the templates. */
export const assembly = join(repository, 'cdk.out');
const pipelineTemplate = join(assembly, 'pipeline.template.json');
/** The file that a synthesis writes last; without it, the assembly is incomplete. */
const manifest = join(assembly, 'manifest.json');

/** The files that the pipeline's own template depends on. */
const inputs = ['cdk.json', 'package-lock.json', 'bin/**/*.ts', 'lib/**/*.ts', 'buildspecs/*.yml'];

/**
 * The pipeline as its synthesized template describes it. Synthesizes first if the assembly is older than any of its
 * inputs.
 *
 * @param stateDirectory of the rehearsal
 * @param report called when a synthesis begins, because it takes a while
 * @throws Error with the end of the synthesis' output when it fails
 */
export async function synthesizedPipeline(
  stateDirectory: string,
  report: (line: string) => void,
): Promise<Pipeline> {
  if (!isFresh(manifest)) {
    report('Synthesizing the pipeline to find out what to rehearse …');
    await synthesize(stateDirectory);
  }
  return readPipeline(JSON.parse(readFileSync(pipelineTemplate, 'utf8')), {
    account: '000000000000',
    region: 'eu-central-1',
    assembly,
  });
}

/**
 * Synthesizes in a recorded process, so that the next rehearsal ends a synthesis that a killed one left behind: the CDK
 * refuses to run two at the same time.
 *
 * @param program relative to this clone
 * @param limit milliseconds after which it is stopped
 * @throws Error with the end of the program's output when it fails
 */
export async function synthesize(
  stateDirectory: string,
  program = 'test/synth.ts',
  limit = 600_000,
): Promise<void> {
  const logFile = join(stateDirectory, 'logs', 'synthesis.log');
  rmSync(logFile, { force: true });
  const synthesis = await startProcess({
    name: 'synthesis',
    command: process.execPath,
    args: [resolve(repository, program)],
    environment: process.env,
    stateDirectory,
    logFile,
  });
  let stopped: Promise<void> | undefined;
  const timer = setTimeout(() => {
    stopped = synthesis.stop();
  }, limit);
  const exitCode = await synthesis.exited;
  clearTimeout(timer);
  await stopped;
  if (exitCode === 0) return;
  const reason = stopped ? `, stopped after ${limit / 1000} s` : '';
  throw new Error(`Synthesizing the pipeline failed (${program}${reason}):\n${logTail(logFile, 30)}`);
}

/** Whether a file is younger than all inputs. */
function isFresh(file: string): boolean {
  const made = modified(file);
  return made > 0 && inputs.every((pattern) => files(pattern).every((input) => modified(input) <= made));
}

function files(pattern: string): string[] {
  return globSync(pattern, { cwd: repository }).map((file) => join(repository, file));
}

/** Milliseconds since the epoch; 0 if the file does not exist. */
function modified(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
