import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { runBuildspec } from '../../pipeline/build/run-buildspec.ts';
import type { BuildAction } from '../../pipeline/pipeline.ts';
import { logTail } from '../../processes/managed-process.ts';
import { assembly, repository } from './assembly.ts';
import type { Execution } from './execution.ts';

/**
 * Runs the commands of a build action's own buildspec, as CodeBuild would: in the working tree for an action that takes
 * the source, in the cloud assembly for one that takes what Synth made.
 *
 * @throws Error with the command that failed and the end of its log
 */
export async function runBuildAction(
  action: BuildAction,
  execution: Execution,
  report: (line: string) => void,
): Promise<void> {
  const { variables, awsEnvironment, stateDirectory, commit, tools, sources, signal, running } = execution;
  const logFile = join(stateDirectory, 'logs', `pipeline-${action.stage}-${action.name}.log`);
  mkdirSync(dirname(logFile), { recursive: true });
  const output = createWriteStream(logFile);
  const environment = Object.entries(action.environment).map(([name, value]) => [
    name,
    variables.resolve(value),
  ]);
  const build = runBuildspec({
    buildspec: action.buildspec,
    directory: takesSource(action) ? repository : assembly,
    environment: { ...Object.fromEntries(environment), ...awsEnvironment },
    codeBuild: {
      projectName: action.project,
      sourceVersion: commit,
      secondarySources: { Tools_Source: tools, ...sources },
    },
    output,
    onPhase: (phase) => report(`${phase.toLowerCase()} (log: ${logFile})`),
    timeLimit: action.timeLimit * 60,
    signal,
  });
  running.add(build);
  const result = await build.finally(() => running.delete(build));
  output.end();
  await finished(output);
  if (result.status !== 'SUCCEEDED') {
    const reason = result.phases.find(({ message }) => message)?.message ?? 'it was stopped';
    throw new Error(`${reason}\nThe end of ${logFile}:\n${logTail(logFile, 20)}`);
  }
  variables.export(action.namespace, result.exportedVariables);
}

/** By the first of its inputs, in which its commands run; the tools are a source too, and come second. */
function takesSource({ inputs: [first = ''] }: BuildAction): boolean {
  return /source/i.test(first);
}
