import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { runBuildspec } from '../../pipeline/build/run-buildspec.ts';
import type { BuildAction } from '../../pipeline/pipeline.ts';
import { logTail } from '../../processes/managed-process.ts';
import { assembly, repository } from './assembly.ts';
import type { Execution } from './execution.ts';

/**
 * Runs the commands of a build action's own buildspec, as CodeBuild would. The working directory depends on the
 * action's primary input: the working tree for the source, the cloud assembly for the output of Synth, or the output
 * folder of another build.
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
  const [primary = '', ...further] = action.inputs;
  const build = runBuildspec({
    buildspec: action.buildspec,
    directory: sources[primary] ?? (takesSource(primary) ? repository : assembly),
    environment: { ...Object.fromEntries(environment), ...awsEnvironment },
    codeBuild: {
      projectName: action.project,
      sourceVersion: commit,
      secondarySources: Object.fromEntries(
        Object.entries({ Tools_Source: tools, ...sources }).filter(([name]) => further.includes(name)),
      ),
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

/**
 * Whether the primary input is the source, judged by its name. The tools are a source, too, but are not used as primary
 * input.
 */
function takesSource(primary: string): boolean {
  return /source/i.test(primary);
}
