// Before npm has installed anything, and beside a source that nobody has approved: this file needs nothing but Node.js.
import { createHash } from 'node:crypto';
import { cpSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * What has no way into an image: neither the context of its build nor the programs that build it read anything of it. All
 * else in the source is an input, a file that nobody has thought of yet among them.
 */
const noInput = [
  '.ci',
  '.devcontainer',
  '.editorconfig',
  '.git',
  '.github',
  '.gitignore',
  '.nvmrc',
  '.state',
  'LICENSE',
  'accepted-findings.json',
  'bin',
  'biome.json',
  'cdk.json',
  'cdk.out',
  'coverage',
  'docs',
  'lib/application.ts',
  'lib/constructs',
  'lib/delivery',
  'lib/operator',
  'lib/stacks',
  'lib/stages',
  'lib/validation',
  'local',
  // At the top alone: npm makes it anew. In any other folder it would stand in for a package.
  'node_modules',
  'packages/cdk-kerberos-sidecar',
  'renovate.json',
  'reports',
  'test',
  'vitest.config.ts',
];

/** Of the folders beside the services', what every image is built with. */
const sharedFolder = 'image';

/** An image, apart from the source. */
export interface ImageKind {
  /** The name of the service's folder. */
  readonly service: string;
  /** Such as `arm64`. */
  readonly architecture: string;
  /** Address of the repository, which the image bears in a label. */
  readonly repository: string;
}

/** What an image is made of. */
export interface ImageInputs {
  /** SHA-256 over all of it: what has the same key is the same. */
  readonly key: string;
  /** Paths from the source's root. */
  readonly files: readonly string[];
}

/** @returns whether a file of the source, or a folder, can change the image of a service */
export function isInput(path: string, service: string): boolean {
  if (/^[^/]+\.md$/.test(path) || noInput.includes(path)) return false;
  const [, other] = /^services\/([a-z][a-z0-9-]*)$/.exec(path) ?? [];
  return other === undefined || other === service || other === sharedFolder;
}

/**
 * The key of what an image is made of, over names, contents and the right to be executed of every input.
 *
 * @param source the root of the source, as it came
 * @throws Error when an input is no file and no folder: what a link leads to would be in no key
 */
export function imageInputs(source: string, { service, architecture, repository }: ImageKind): ImageInputs {
  const files = inputsBelow(source, '', service).sort();
  const hash = createHash('sha256');
  hash.update(`${JSON.stringify({ service, architecture, repository })}\n`);
  for (const file of files) {
    const path = join(source, file);
    const content = createHash('sha256').update(readFileSync(path)).digest('hex');
    const executable = (lstatSync(path).mode & 0o111) !== 0;
    hash.update(`${JSON.stringify({ file, executable, content })}\n`);
  }
  return { key: hash.digest('hex'), files };
}

function inputsBelow(source: string, folder: string, service: string): string[] {
  return readdirSync(join(source, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder ? `${folder}/${entry.name}` : entry.name;
    if (!isInput(path, service)) return [];
    if (entry.isDirectory()) return inputsBelow(source, path, service);
    if (entry.isFile()) return [path];
    throw new Error(
      `${path} is neither a file nor a folder: an image must not be built from it, as what a link leads to may change without it. Put the file itself there.`,
    );
  });
}

/** Copies the inputs, and nothing else, into a folder: what is not in the key cannot come into the image. */
export function copyInputs(source: string, { files }: ImageInputs, folder: string): void {
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(source, file), join(folder, file), { preserveTimestamps: true });
  }
}
