import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { fileAssets, unnamedAsset } from './assets.ts';
import { type AssemblyPlace, bootstrapPlace } from './bootstrap-place.ts';
import { readWholeJson } from './whole-json.ts';

interface Artifact {
  readonly type: string;
  readonly displayName?: string;
  readonly environment?: string;
  readonly dependencies?: readonly string[];
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly metadata?: Metadata;
  /** A file of the assembly with further metadata. */
  readonly additionalMetadataFile?: string;
}
interface Manifest {
  readonly artifacts?: Readonly<Record<string, Artifact>> | null;
  readonly missing?: readonly unknown[] | null;
}
type Metadata = Readonly<Record<string, readonly { readonly type: string }[]>>;

/** The properties that a stack may have in addition to those of {@link bootstrapPlace}. */
const ofStacks = [
  'additionalDependencies',
  'requiresBootstrapStackVersion',
  'stackName',
  'stackTemplateAssetObjectUrl',
  'templateFile',
  'terminationProtection',
  'validateOnSynth',
];

/** The metadata types that the CDK writes for our stacks. The CLI acts on some others, such as legacy assets and tags. */
const notes = [
  'aws:cdk:acknowledged-rules',
  'aws:cdk:analytics:construct',
  'aws:cdk:analytics:method',
  'aws:cdk:creationStack',
  'aws:cdk:info',
  'aws:cdk:logicalId',
  'aws:cdk:templateFile',
  'aws:cdk:warning',
];

/**
 * Makes sure that `cdk deploy pipeline` deploys the compared templates and nothing else. The assembly comes from the code of
 * an unapproved commit, and has more than templates: the bucket object that is a stack's template, other uploads and the
 * commands that create them, and the names of other stacks.
 *
 * @throws Error naming what is not allowed in it
 */
export function checkPipelineAssembly(assembly: string, place: AssemblyPlace): void {
  const refuse = (what: string) =>
    new Error(
      `The synthesis has produced an assembly in which ${what}. The pipeline could update itself with something other ` +
        'than what is shown here, so the assembly is refused. Check what in the commit writes to cdk.out.',
    );
  const link = readdirSync(assembly, { recursive: true, withFileTypes: true }).find(
    (entry) => !entry.isFile() && !entry.isDirectory(),
  );
  if (link) throw refuse(`${link.name} is neither a file nor a folder`);
  const { artifacts, missing = [] } = manifestOf(assembly);
  if (!Array.isArray(missing) || missing.length > 0)
    throw refuse('values are missing, which the CLI would look up in an account');
  if (!isObject(artifacts) || !Object.values(artifacts).every(isObject))
    throw refuse('the artifacts are malformed');
  const stacks = Object.entries(artifacts).filter(([, { type }]) => type === 'aws:cloudformation:stack');
  if (!stacks.some(([id]) => id === 'pipeline'))
    throw refuse('there is no stack "pipeline" outside of all stages');
  const deeper = stacksBelow(assembly, '', refuse).find((name) => !name.startsWith('pipeline/'));
  if (deeper !== undefined) throw refuse(`a stage has a stack ${JSON.stringify(deeper)}`);
  for (const [id, { type, properties }] of Object.entries(artifacts)) {
    const problem = fileProblem(type, properties);
    if (problem) throw refuse(`${id} ${problem}`);
  }
  const templates = stacks.map(([, { properties }]) => String(properties?.templateFile));
  const texts = templates.map((file) => readFileSync(join(assembly, file), 'utf8'));
  for (const [id, stack] of stacks) {
    const region = stack.environment?.split('/').at(-1) ?? '';
    const { environment, upload, ...bootstrap } = bootstrapPlace(place, region);
    if (stack.environment !== environment)
      throw refuse(`the stack ${id} is for ${JSON.stringify(stack.environment)}`);
    const problem = stackProblem(id, stack, artifacts, bootstrap.stack) ?? noteProblem(assembly, stack);
    if (problem) throw refuse(`the stack ${id} ${problem}`);
    const { templateFile, stackTemplateAssetObjectUrl: url } = stack.properties ?? {};
    const key = templateKey(texts[templates.indexOf(String(templateFile))] ?? '');
    if (url !== `s3://${upload.bucketName}/${key}`)
      throw refuse(`the stack ${id} is deployed from ${url}, not its template`);
  }
  for (const [id, { type, properties }] of Object.entries(artifacts)) {
    if (type !== 'cdk:asset-manifest') continue;
    const version = assetsProblem(properties, bootstrapPlace(place, '').stack);
    if (version) throw refuse(`${id} ${version}`);
    const assets = fileAssets(assembly, String(properties?.file));
    const others = assets.filter(({ path, packaging, destinations }) => {
      const text = packaging === 'file' ? texts[templates.indexOf(path)] : undefined;
      return text === undefined || destinations.some(({ objectKey }) => objectKey !== templateKey(text));
    });
    const problem = unnamedAsset(others, texts);
    if (problem) throw refuse(`${id} ${problem}`);
    const foreign = assets
      .flatMap(({ destinations }) => destinations)
      .find(
        ({ objectKey, ...to }) => !isDeepStrictEqual(to, bootstrapPlace(place, String(to.region)).upload),
      );
    if (foreign) throw refuse(`${id} uploads to ${JSON.stringify(foreign)}`);
  }
}

/** The name of a file directly in the assembly's folder. */
const plainName = /^[\w-][\w.-]*$/;

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** The file of a stack or an asset manifest must be a plain file name. */
function fileProblem(type: string, properties: Artifact['properties']): string | undefined {
  const key = { 'aws:cloudformation:stack': 'templateFile', 'cdk:asset-manifest': 'file' }[type];
  const file = key === undefined ? undefined : properties?.[key];
  if (key === undefined || (typeof file === 'string' && plainName.test(file))) return undefined;
  return `has ${JSON.stringify(file)} as ${JSON.stringify(key)}`;
}

/** An asset manifest may only name its file, and the same bootstrap version parameter as its stack. */
function assetsProblem(
  properties: Artifact['properties'] = {},
  { bootstrapStackVersionSsmParameter }: Readonly<Record<string, unknown>>,
): string | undefined {
  const { file: _, requiresBootstrapStackVersion: version = 0, ...others } = properties;
  const other = Object.entries(others).find(
    ([name, value]) =>
      name !== 'bootstrapStackVersionSsmParameter' || value !== bootstrapStackVersionSsmParameter,
  );
  if (other) return `has ${JSON.stringify(other[1])} as ${JSON.stringify(other[0])}`;
  return typeof version === 'number' ? undefined : `needs the bootstrap ${JSON.stringify(version)}`;
}

/** The name under which the CDK uploads a template. */
function templateKey(text: string): string {
  return `${createHash('sha256').update(text).digest('hex')}.json`;
}

/** Finds metadata of a stack for which the CLI would upload files, build images or set tags: no template shows these. */
function noteProblem(
  assembly: string,
  { metadata = {}, additionalMetadataFile = '' }: Artifact,
): string | undefined {
  if (additionalMetadataFile !== '' && !plainName.test(additionalMetadataFile))
    return `has notes in ${JSON.stringify(additionalMetadataFile)}`;
  const written = additionalMetadataFile ? readWholeJson(join(assembly, additionalMetadataFile)) : {};
  const other = [metadata, written as Metadata]
    .flatMap((all) => Object.values(all).flat())
    .find(({ type }) => String(type).startsWith('aws:cdk:') && !notes.includes(type));
  return other && `has a note ${JSON.stringify(other.type)}`;
}

function stackProblem(
  id: string,
  { displayName = id, dependencies = [], properties = {} }: Artifact,
  artifacts: Readonly<Record<string, Artifact>>,
  bootstrap: Readonly<Record<string, unknown>>,
): string | undefined {
  const unknown = Object.keys(properties).find((name) => !ofStacks.includes(name) && !(name in bootstrap));
  if (unknown) return `has ${JSON.stringify(unknown)}`;
  const changed = Object.keys(bootstrap).find(
    (name) => !isDeepStrictEqual(properties[name], bootstrap[name]),
  );
  if (changed) return `has ${JSON.stringify(properties[changed])} as ${JSON.stringify(changed)}`;
  if (displayName !== id) return `calls itself ${JSON.stringify(displayName)}`;
  const { validateOnSynth = false } = properties;
  if (validateOnSynth !== false) return `has ${JSON.stringify(validateOnSynth)} as "validateOnSynth"`;
  if (properties.terminationProtection !== true) return 'is not protected from being deleted';
  // The CLI deploys a stack's dependencies first, and selects them by display name.
  const other = dependencies.find((name) => {
    const { type, displayName: shown = name } = artifacts[name] ?? {};
    return shown !== name || (type !== 'aws:cloudformation:stack' && type !== 'cdk:asset-manifest');
  });
  return other === undefined ? undefined : `needs ${JSON.stringify(other)}`;
}

/** The names by which the CLI selects the stacks of nested assemblies. */
function stacksBelow(assembly: string, folder: string, refuse: (what: string) => Error): string[] {
  const artifacts = Object.values(artifactsOf(join(assembly, folder)));
  return artifacts
    .filter(({ type }) => type === 'cdk:cloud-assembly')
    .flatMap(({ properties }) => {
      const name = String(properties?.directoryName);
      if (!/^[\w-]+$/.test(name)) throw refuse(`a stage is in ${JSON.stringify(name)}`);
      const directory = join(folder, name);
      const own = Object.entries(artifactsOf(join(assembly, directory)))
        .filter(([, { type }]) => type === 'aws:cloudformation:stack')
        .map(([id, { displayName }]) => displayName ?? id);
      return [...own, ...stacksBelow(assembly, directory, refuse)];
    });
}

function artifactsOf(folder: string): Readonly<Record<string, Artifact>> {
  return manifestOf(folder).artifacts ?? {};
}

function manifestOf(folder: string): Manifest {
  return readWholeJson(join(folder, 'manifest.json')) as Manifest;
}
