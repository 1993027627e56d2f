import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BuildSpec } from 'aws-cdk-lib/aws-codebuild';
import { parse } from 'yaml';
import { type Buildspec, checkBuildspec } from './buildspec.ts';

/** The buildspecs of this project: the files in `buildspecs/`, without their extension. */
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

/** The absolute path of a buildspec. */
function buildspecPath(name: BuildspecName): string {
  return fileURLToPath(new URL(`../../../buildspecs/${name}.yml`, import.meta.url));
}

/**
 * Reads and checks a buildspec.
 *
 * @throws Error naming the file and the invalid key
 */
export function readBuildspec(name: BuildspecName): Buildspec {
  return checkBuildspec(parse(readFileSync(buildspecPath(name), 'utf8')), `buildspecs/${name}.yml`);
}

/** The variables that a buildspec exports to later actions. */
export function exportedVariables(name: BuildspecName): readonly string[] {
  return readBuildspec(name).env?.['exported-variables'] ?? [];
}

/**
 * The buildspec for a step of CDK Pipelines: inline, because CDK Pipelines cannot merge a file of the source.
 * Without the exported variables, because CDK Pipelines adds those itself and would list them twice.
 */
export function stepBuildspec(name: BuildspecName): BuildSpec {
  const { env: { 'exported-variables': _, ...env } = {}, ...rest } = readBuildspec(name);
  return BuildSpec.fromObject({ ...rest, ...(Object.keys(env).length > 0 && { env }) });
}

export interface ProjectBuildspecOptions {
  /** Values that replace those in the file. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Whether the build's whole folder is its artifact; default: only the artifacts that the file names, if any. */
  readonly handsOn?: boolean;
}

/** The whole buildspec, for a project that is not a step of CDK Pipelines. */
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
