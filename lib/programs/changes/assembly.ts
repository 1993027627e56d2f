import { join } from 'node:path';
import { readWholeJson } from './whole-json.ts';

/** A stack of a cloud assembly, and the region it is deployed to. */
export interface AssemblyStack {
  readonly stackName: string;
  readonly region: string;
  readonly template: Record<string, unknown>;
}

interface Artifact {
  readonly type: string;
  readonly environment?: string;
  readonly properties?: {
    /** The file of an asset manifest. */
    readonly file?: string;
    readonly directoryName?: string;
    readonly templateFile?: string;
    readonly stackName?: string;
  };
}

/**
 * The stack that an argument `REGION/STACK=TEMPLATE` names, with the template's path in the assembly. The arguments come
 * from the pipeline, so this is what it will deploy, whatever the assembly's own manifest says.
 *
 * @throws Error when the argument is malformed, or the template is missing or has a duplicate key
 */
export function namedStack(assembly: string, words: string): AssemblyStack {
  const [, region = '', stackName = '', path = ''] = /^([a-z0-9-]+)\/([\w-]+)=(.+)$/.exec(words) ?? [];
  if (!path) throw new Error(`${JSON.stringify(words)} is not a stack: it must be REGION/STACK=TEMPLATE.`);
  return { stackName, region, template: templateAt(assembly, path) };
}

/** The stacks outside of all stages, in the order of the assembly: the pipeline's own, and those it depends on. */
export function rootStacks(assembly: string): AssemblyStack[] {
  return artifacts(assembly)
    .filter(({ type }) => type === 'aws:cloudformation:stack')
    .map(({ environment = '', properties = {} }) => ({
      stackName: properties.stackName ?? '',
      region: environment.split('/').at(-1) ?? '',
      template: templateAt(assembly, properties.templateFile ?? ''),
    }));
}

/**
 * The asset manifests of one stage's stacks, as paths.
 *
 * @param stage name of the stage, such as `staging-database`
 * @throws Error when there is no such stage
 */
export function stageAssetManifests(assembly: string, stage: string): string[] {
  const directories = artifacts(assembly)
    .filter(({ type }) => type === 'cdk:cloud-assembly')
    .map(({ properties }) => properties?.directoryName ?? '');
  // The CDK names a stage's directory after its path: `assembly-pipeline-staging-database`.
  const directory = directories.find((name) => name.endsWith(`-${stage}`));
  if (!directory) {
    throw new Error(`There is no stage "${stage}" in ${assembly}; there are: ${directories.join(', ')}.`);
  }
  const folder = join(assembly, directory);
  return artifacts(folder)
    .filter(({ type }) => type === 'cdk:asset-manifest')
    .map(({ properties }) => join(folder, properties?.file ?? ''));
}

/** @throws Error when the template has a duplicate key, or includes content that may differ from what was compared */
function templateAt(assembly: string, path: string): Record<string, unknown> {
  const template = readWholeJson(join(assembly, path)) as Record<string, unknown>;
  if (!includes(template)) return template;
  throw new Error(
    `${path} includes content from elsewhere (AWS::Include), which may change after the approval. Put the content into the template itself.`,
  );
}

/** Whether a CloudFormation macro would insert the content of an S3 object anywhere in the value. */
function includes(value: unknown, inMacro = false): boolean {
  if (value === 'AWS::Include') return inMacro;
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, item]) =>
    includes(item, inMacro || name === 'Transform' || name === 'Fn::Transform'),
  );
}

function artifacts(folder: string): Artifact[] {
  const manifest = readWholeJson(join(folder, 'manifest.json')) as {
    artifacts?: Record<string, Artifact>;
  };
  return Object.values(manifest.artifacts ?? {});
}
