// Runs before npm has installed anything, and on an unapproved source, so this file depends only on Node.js.
import { createHash } from 'node:crypto';
import { cpSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Paths that cannot affect an image: neither its build context nor the programs that build it read them. Everything else
 * in the source is an input, including new files.
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
  // Only at the top level, where npm creates it again. In any other folder it could replace a package.
  'node_modules',
  'packages/cdk-kerberos-sidecar',
  'renovate.json',
  'reports',
  'test',
  'vitest.config.ts',
];

/** The folder next to the services' folders with which every image is built. */
const sharedFolder = 'image';

/** What determines an image apart from the source. */
export interface ImageKind {
  /** The name of the service's folder. */
  readonly service: string;
  /** For example `arm64`. */
  readonly architecture: string;
  /** URL of the repository, which the image has in a label. */
  readonly repository: string;
}

/** The inputs of an image. */
export interface ImageInputs {
  /** SHA-256 over all inputs: images with the same key have the same inputs. */
  readonly key: string;
  /** Paths relative to the source's root. */
  readonly files: readonly string[];
}

/** @returns whether a file or folder of the source can affect the image of a service */
export function isInput(path: string, service: string): boolean {
  if (/^[^/]+\.md$/.test(path) || noInput.includes(path)) return false;
  const [, other] = /^services\/([a-z][a-z0-9-]*)$/.exec(path) ?? [];
  return other === undefined || other === service || other === sharedFolder;
}

/**
 * The inputs of an image and their key, which covers the name, the content and the executable bit of every input.
 *
 * @param source the root of the unchanged source
 * @throws Error when an input is neither a file nor a folder: the key would not cover a link's target
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
      `${path} is neither a file nor a folder. Images are not built from links, because a target can change without its link. Replace it with a file.`,
    );
  });
}

/** Copies the inputs, and nothing else, into a folder, so that only what the key covers can get into the image. */
export function copyInputs(source: string, { files }: ImageInputs, folder: string): void {
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(source, file), join(folder, file), { preserveTimestamps: true });
  }
}
