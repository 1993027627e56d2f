import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileAssets, unnamedAsset } from './assets.ts';
import { readWholeJson } from './whole-json.ts';

interface Artifact {
  readonly type: string;
  readonly displayName?: string;
  readonly environment?: string;
  readonly dependencies?: readonly string[];
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** What the CDK's CLI takes from the description of a stack, and a comparison of templates shows, or IAM binds. */
const ofStacks = [
  'additionalDependencies',
  'assumeRoleArn',
  'bootstrapStackVersionSsmParameter',
  'cloudFormationExecutionRoleArn',
  'lookupRole',
  'requiresBootstrapStackVersion',
  'stackName',
  'stackTemplateAssetObjectUrl',
  'templateFile',
  'terminationProtection',
  'validateOnSynth',
];

/** Where the assembly is deployed from. */
export interface AssemblyPlace {
  /** The tools account. */
  readonly account: string;
  /** Of its bootstrap, by which its buckets are called. */
  readonly qualifier: string;
}

/**
 * Makes sure that `cdk deploy pipeline` deploys the templates that are compared, and nothing else. The assembly was made by
 * the code of a commit that nobody has approved, and says more than templates: which object of a bucket is the template
 * of a stack, what else is uploaded and how it is made, which further stacks bear a name.
 *
 * @throws Error with what it says besides
 */
export function checkPipelineAssembly(assembly: string, { account, qualifier }: AssemblyPlace): void {
  const refuse = (what: string) =>
    new Error(
      `The synthesis has made an assembly in which ${what}. The pipeline would update itself with something else than is ` +
        'shown here, so it is not handed on. Look at the commit for what writes into cdk.out.',
    );
  const link = readdirSync(assembly, { recursive: true, withFileTypes: true }).find(
    (entry) => !entry.isFile() && !entry.isDirectory(),
  );
  if (link) throw refuse(`${link.name} is neither a file nor a folder`);
  const artifacts = artifactsOf(assembly);
  const stacks = Object.entries(artifacts).filter(([, { type }]) => type === 'aws:cloudformation:stack');
  if (!stacks.some(([id]) => id === 'pipeline'))
    throw refuse('there is no stack "pipeline" outside of all stages');
  const deeper = stacksBelow(assembly, '', refuse).find((name) => !name.startsWith('pipeline/'));
  if (deeper !== undefined) throw refuse(`a stage has a stack ${JSON.stringify(deeper)}`);
  const templates = stacks.map(([, { properties }]) => String(properties?.templateFile));
  const texts = templates.map((file) => readFileSync(join(assembly, file), 'utf8'));
  for (const [id, stack] of stacks) {
    const problem = stackProblem(id, stack, artifacts);
    if (problem) throw refuse(`the stack ${id} ${problem}`);
    const { templateFile, stackTemplateAssetObjectUrl: url } = stack.properties ?? {};
    const region = stack.environment?.split('/').at(-1);
    const bucket = `cdk-${qualifier}-assets-${account}-${region}`;
    const key = templateKey(texts[templates.indexOf(String(templateFile))] ?? '');
    if (url !== `s3://${bucket}/${key}`)
      throw refuse(`the stack ${id} is deployed from ${url}, not its template`);
  }
  for (const [id, { type, properties }] of Object.entries(artifacts)) {
    if (type !== 'cdk:asset-manifest') continue;
    const assets = fileAssets(assembly, String(properties?.file));
    const others = assets.filter(({ path, packaging, destinations }) => {
      const text = packaging === 'file' ? texts[templates.indexOf(path)] : undefined;
      return text === undefined || destinations.some(({ objectKey }) => objectKey !== templateKey(text));
    });
    const problem = unnamedAsset(others, texts);
    if (problem) throw refuse(`${id} ${problem}`);
    const foreign = assets
      .flatMap(({ destinations }) => destinations)
      .find(({ bucketName }) => !bucketName.startsWith(`cdk-${qualifier}-assets-${account}-`));
    if (foreign) throw refuse(`${id} uploads into ${foreign.bucketName}`);
  }
}

/** The name under which the CDK uploads a template. */
function templateKey(text: string): string {
  return `${createHash('sha256').update(text).digest('hex')}.json`;
}

function stackProblem(
  id: string,
  { displayName = id, dependencies = [], properties = {} }: Artifact,
  artifacts: Readonly<Record<string, Artifact>>,
): string | undefined {
  const unknown = Object.keys(properties).find((name) => !ofStacks.includes(name));
  if (unknown) return `has ${JSON.stringify(unknown)}`;
  if (displayName !== id) return `calls itself ${JSON.stringify(displayName)}`;
  if (properties.terminationProtection !== true) return 'is not protected from being deleted';
  // What a stack needs is deployed first, by the name that it is shown by.
  const other = dependencies.find((name) => {
    const { type, displayName: shown = name } = artifacts[name] ?? {};
    return shown !== name || (type !== 'aws:cloudformation:stack' && type !== 'cdk:asset-manifest');
  });
  return other === undefined ? undefined : `needs ${JSON.stringify(other)}`;
}

/** The names by which the CLI selects the stacks of all assemblies within one. */
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
  const { artifacts = {} } = readWholeJson(join(folder, 'manifest.json')) as {
    artifacts?: Record<string, Artifact>;
  };
  return artifacts;
}
