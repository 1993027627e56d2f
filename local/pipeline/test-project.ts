import { cpSync, globSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Buildspec, checkBuildspec } from '../../lib/constructs/common/buildspec.ts';
import { pseudoParameters, resolve, type Template } from './template/resolve.ts';

export interface SynthesizedTestProject {
  readonly buildspec: Buildspec;
  /** The unpacked source of the project, in the given folder. */
  readonly directory: string;
}

/**
 * The project of an environment's integration test, as its service stack defines it: the buildspec with its hash, and a
 * copy of the files that are published for it.
 *
 * @param assembly the cloud assembly
 * @param directory the folder for the copy; its previous contents are removed
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
  if (!project)
    throw new Error(`The service stack of ${environment} has no integration test in ${assembly}.`);
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
