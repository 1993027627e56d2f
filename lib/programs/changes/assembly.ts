import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A stack of a cloud assembly, and where it goes. */
export interface AssemblyStack {
  readonly stackName: string;
  readonly account: string;
  readonly region: string;
  readonly template: Record<string, unknown>;
}

interface Artifact {
  readonly type: string;
  readonly environment?: string;
  readonly properties?: {
    /** Of an asset manifest. */
    readonly file?: string;
    readonly directoryName?: string;
    readonly templateFile?: string;
    readonly stackName?: string;
  };
}

/**
 * The stacks of one stage of a synthesized app, in the order of the assembly.
 *
 * @param assembly directory of the cloud assembly (`cdk.out`)
 * @param stage name of the stage, such as `staging-database`
 * @throws {Error} when there is no such stage
 */
export function stageStacks(assembly: string, stage: string): AssemblyStack[] {
  const folder = stageFolder(assembly, stage);
  return artifacts(folder)
    .filter(({ type }) => type === 'aws:cloudformation:stack')
    .map((artifact) => readStack(artifact, folder));
}

/**
 * The asset manifests of one stage's stacks, as paths.
 *
 * @throws {Error} when there is no such stage
 */
export function stageAssetManifests(assembly: string, stage: string): string[] {
  const folder = stageFolder(assembly, stage);
  return artifacts(folder)
    .filter(({ type }) => type === 'cdk:asset-manifest')
    .map(({ properties }) => join(folder, properties?.file ?? ''));
}

function stageFolder(assembly: string, stage: string): string {
  const directories = artifacts(assembly)
    .filter(({ type }) => type === 'cdk:cloud-assembly')
    .map(({ properties }) => properties?.directoryName ?? '');
  // CDK names the directory of a stage by its path: `assembly-pipeline-staging-database`.
  const directory = directories.find((name) => name.endsWith(`-${stage}`));
  if (!directory) {
    throw new Error(`There is no stage "${stage}" in ${assembly}; there are: ${directories.join(', ')}.`);
  }
  return join(assembly, directory);
}

function readStack({ environment = '', properties = {} }: Artifact, folder: string): AssemblyStack {
  const [account = '', region = ''] = environment.replace('aws://', '').split('/');
  return {
    stackName: properties.stackName ?? '',
    account,
    region,
    template: JSON.parse(readFileSync(join(folder, properties.templateFile ?? ''), 'utf8')),
  };
}

function artifacts(folder: string): Artifact[] {
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as {
    artifacts?: Record<string, Artifact>;
  };
  return Object.values(manifest.artifacts ?? {});
}
