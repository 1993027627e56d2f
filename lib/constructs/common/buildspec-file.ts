import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BuildSpec } from 'aws-cdk-lib/aws-codebuild';
import { parse } from 'yaml';
import { type Buildspec, checkBuildspec } from './buildspec.ts';

/** The buildspecs of this project: the files of `buildspecs/`, without their ending. */
export type BuildspecName =
  | 'image'
  | 'checks'
  | 'audit'
  | 'tests'
  | 'synth'
  | 'recheck-images'
  | 'sign-images'
  | 'update-pipeline'
  | 'publish-assets'
  | 'change-summary'
  | 'start-integration-test'
  | 'integration-test';

/** Where a buildspec is, as an absolute path. */
function buildspecPath(name: BuildspecName): string {
  return fileURLToPath(new URL(`../../../buildspecs/${name}.yml`, import.meta.url));
}

/**
 * Reads and checks a buildspec.
 *
 * @throws Error one sentence naming the file and the key that is wrong
 */
export function readBuildspec(name: BuildspecName): Buildspec {
  return checkBuildspec(parse(readFileSync(buildspecPath(name), 'utf8')), `buildspecs/${name}.yml`);
}

/** The variables that a buildspec's build hands on to later actions. */
export function exportedVariables(name: BuildspecName): readonly string[] {
  return readBuildspec(name).env?.['exported-variables'] ?? [];
}

/**
 * The buildspec as CDK Pipelines wants it for a step: inline, because its merge cannot look into a file of the source.
 * Exported variables are left out: CDK Pipelines adds those itself and would name them twice.
 */
export function stepBuildspec(name: BuildspecName): BuildSpec {
  const { env: { 'exported-variables': _, ...env } = {}, ...rest } = readBuildspec(name);
  return BuildSpec.fromObject({ ...rest, ...(Object.keys(env).length > 0 && { env }) });
}

export interface ProjectBuildspecOptions {
  /** Values in the place of those that the file gives its own variables. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Whether the build hands on the whole of its folder; default: only what the file names as artifacts, if anything. */
  readonly handsOn?: boolean;
}

/** The whole buildspec, for a project that stands on its own. */
export function projectBuildspec(
  name: BuildspecName,
  { variables = {}, handsOn = false }: ProjectBuildspecOptions = {},
): BuildSpec {
  const { env, ...rest } = readBuildspec(name);
  return BuildSpec.fromObject({
    ...rest,
    ...(handsOn && { artifacts: { files: ['**/*'] } }),
    ...(env && { env: { ...env, ...(env.variables && { variables: { ...env.variables, ...variables } }) } }),
  });
}
