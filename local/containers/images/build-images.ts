import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { parse } from 'yaml';
import { type Buildspec, buildspecSchema } from '../../../lib/pipeline/buildspec/buildspec.ts';
import type { ContainerEngine } from '../engine.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** The services that have an image. */
export const imageNames = ['sidecar', 'web'] as const;
export type ImageName = (typeof imageNames)[number];

export interface BuildImagesOptions {
  /** Registry and the beginning of the repositories' names, such as `localhost/rehearsal`. */
  readonly repositoryPrefix: string;
  /** Tag, and revision in the labels; the pipeline takes the commit. */
  readonly tag: string;
  /** The whole output of the builds; default: none. */
  readonly logFile?: string;
  readonly report?: (message: string) => void;
}

export interface BuiltImage {
  /** With its tag. */
  readonly reference: string;
  /** `sha256:…`: the manifest's where the engine keeps one (podman), else the image's. */
  readonly digest: string;
}

export type Images = Readonly<Record<ImageName, BuiltImage>>;

/**
 * Builds the images with the very `docker build` command of the pipeline's buildspec, one after the other.
 *
 * @throws Error with the end of the output of the build that failed
 */
export async function buildImages(
  engine: ContainerEngine,
  { repositoryPrefix, tag, logFile, report = () => {} }: BuildImagesOptions,
): Promise<Images> {
  const command = await buildCommand();
  const built: Partial<Record<ImageName, BuiltImage>> = {};
  for (const name of imageNames) {
    const reference = `${repositoryPrefix}/${name}:${tag}`;
    report(`building ${reference}`);
    const result = await execa('/bin/sh', ['-c', command], {
      cwd: repository,
      env: { ...engine.environment, SERVICE: name, IMAGE_TAG: tag, IMAGE: reference },
      extendEnv: false,
      stdin: 'ignore',
      all: true,
      timeout: 900_000,
      reject: false,
    });
    if (logFile) await appendFile(logFile, `${result.all}\n`);
    if (result.exitCode !== 0) {
      const words = String(result.all).trimEnd().split('\n').slice(-15).join('\n');
      throw new Error(`The image of ${name} could not be built (${command}):\n${words}`);
    }
    built[name] = { reference, digest: await digestOf(engine, reference) };
    await removeOthers(engine, reference);
  }
  return built as Images;
}

/** @throws Error when the buildspec has not exactly one `docker build` */
async function buildCommand(): Promise<string> {
  const text = await readFile(join(repository, 'buildspecs', 'image.yml'), 'utf8');
  const { phases }: Buildspec = buildspecSchema.parse(parse(text));
  const lines = (phases.build?.commands ?? []).flatMap((command) => command.split('\n'));
  const found = lines.map((line) => line.trim()).filter((line) => line.startsWith('docker build '));
  if (found.length !== 1)
    throw new Error(`buildspecs/image.yml has ${found.length} lines with docker build.`);
  return found[0] as string;
}

/** Images of earlier revisions would fill the disk; one that a container still uses stays. */
async function removeOthers(engine: ContainerEngine, reference: string): Promise<void> {
  const repositoryName = reference.slice(0, reference.lastIndexOf(':'));
  const list = [
    'image',
    'ls',
    '--format',
    '{{.Repository}}:{{.Tag}}',
    '--filter',
    `reference=${repositoryName}`,
  ];
  const others = (await engine.run(list)).split('\n').filter((name) => name && name !== reference);
  for (const other of others) await engine.run(['image', 'rm', other]).catch(() => {});
}

async function digestOf(engine: ContainerEngine, reference: string): Promise<string> {
  const field = engine.name === 'podman' ? '{{.Digest}}' : '{{.Id}}';
  return engine.run(['image', 'inspect', '--format', field, reference]);
}
