import { cpSync, globSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Buildspec, checkBuildspec } from '../../lib/constructs/common/buildspec.ts';
import { pseudoParameters, resolve, type Template } from './template/resolve.ts';

export interface SynthesizedTestProject {
  readonly buildspec: Buildspec;
  /** The source of the project, unpacked into the folder that was given. */
  readonly directory: string;
}

/**
 * The integration test's project of an environment as its service stack makes it: the buildspec with the hash in it,
 * and a copy of the files that are published for it.
 *
 * @param assembly the cloud assembly
 * @param directory where the copy goes; what is there is taken away first
 * @throws Error when the assembly has no such project
 */
export function synthesizedTestProject(
  assembly: string,
  environment: string,
  directory: string,
): SynthesizedTestProject {
  const [file] = globSync(`assembly-*-${environment}-service/*.template.json`, { cwd: assembly });
  const template = JSON.parse(readFileSync(join(assembly, file ?? ''), 'utf8')) as Template;
  const project = Object.values(template.Resources).find(({ Type }) => Type === 'AWS::CodeBuild::Project');
  if (!project) throw new Error(`The service of ${environment} has no integration test in ${assembly}.`);
  const source = resolve(project.Properties?.Source, pseudoParameters('000000000000', 'eu-central-1')) as {
    BuildSpec: string;
    Location: string;
  };
  const [, hash] = /\/([0-9a-f]+)\.zip$/.exec(source.Location) ?? [];
  rmSync(directory, { recursive: true, force: true });
  cpSync(join(assembly, `asset.${hash}`), directory, { recursive: true });
  return {
    buildspec: checkBuildspec(parse(source.BuildSpec), `The integration test of ${environment}`),
    directory,
  };
}
