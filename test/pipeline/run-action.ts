import { delimiter, dirname } from 'node:path';
import { Writable } from 'node:stream';
import type { Buildspec } from '../../lib/constructs/common/buildspec.ts';
import { type BuildResult, runBuildspec } from '../../local/pipeline/build/run-buildspec.ts';
import { type BuildAction, type Pipeline, toolsFolder } from '../../local/pipeline/pipeline.ts';
import { PipelineVariables } from '../../local/rehearsal/pipeline/variables.ts';
import { orderOf, place } from './invariants/order.ts';
import { variant } from './variants.ts';

export interface ActionRun extends BuildResult {
  /** What the build printed. */
  readonly log: string;
}

export interface RunOptions {
  /** The variant whose pipeline the build belongs to. */
  readonly of?: string;
  /** The input artifact, unpacked, unless it is one of `sources`. */
  readonly directory: string;
  /** The variables that earlier actions exported, by namespace and name. */
  readonly variables?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Environment variables with the AWS endpoint and credentials. */
  readonly aws?: Readonly<Record<string, string>>;
  /** Input artifacts, unpacked, by name. */
  readonly sources?: Readonly<Record<string, string>>;
  /** Commands to leave out because this machine has already run them. */
  readonly without?: RegExp;
}

/** A build of a pipeline, such as `Build/Checks`. */
function buildAction(pipeline: Pipeline, where: string): BuildAction {
  const found = orderOf(pipeline).builds.find((build) => place(build) === where);
  if (!found) throw new Error(`The pipeline has no build ${where}.`);
  return found;
}

/**
 * Runs a build of a pipeline on this machine: the commands of its synthesized project in order, with the
 * variables of the project, of the action and of CodeBuild, and none of this process's own environment.
 */
export async function runAction(
  where: string,
  { of = 'the example', directory, variables = {}, aws = {}, sources = {}, without }: RunOptions,
): Promise<ActionRun> {
  const { pipeline } = variant(of);
  const action = buildAction(pipeline, where);
  const [primary = '', ...further] = action.inputs;
  const exported = new PipelineVariables();
  for (const [namespace, values] of Object.entries(variables)) exported.export(namespace, values);
  let log = '';
  const output = new Writable({
    write(chunk, _encoding, done) {
      log += chunk;
      done();
    },
  });
  const result = await runBuildspec({
    buildspec: without ? withoutCommands(action.buildspec, without) : action.buildspec,
    directory: sources[primary] ?? directory,
    environment: {
      ...Object.fromEntries(
        Object.entries(action.environment).map(([name, value]) => [name, exported.resolve(value)]),
      ),
      ...aws,
    },
    codeBuild: {
      projectName: action.project,
      account: action.account,
      region: action.region,
      path: searchPath(),
      secondarySources: Object.fromEntries(
        further.map((name) => [
          name,
          sources[name] ?? (name === 'Tools_Source' ? toolsFolder(pipeline, directory) : ''),
        ]),
      ),
    },
    output,
    timeLimit: action.timeLimit * 60,
  });
  return { ...result, log };
}

function withoutCommands(buildspec: Buildspec, without: RegExp): Buildspec {
  const phases = Object.entries(buildspec.phases).map(([name, phase]) => [
    name,
    { ...phase, commands: phase?.commands?.filter((command) => !without.test(command)) },
  ]);
  return { ...buildspec, phases: Object.fromEntries(phases) };
}

/** This machine's search path without `node_modules`, with the Node.js of `runtime-versions` first. */
export function searchPath(): string {
  const folders = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'));
  return [dirname(process.execPath), ...folders].join(delimiter);
}
