import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type ImageDigests, type ImageName, imageNames, type PerImage } from '../../../lib/config/index.ts';
import { configuredDeployment } from '../../pipeline/cdk-context.ts';
import type { ContainerEngine } from '../engine.ts';
import { startImageBuilder } from './image-builder.ts';

export interface BuildImagesOptions {
  /** Registry and prefix of the repository names on this machine, for example `localhost/rehearsal`. */
  readonly repositoryPrefix: string;
  /** Tag of the images and revision in their labels; the pipeline uses the commit. */
  readonly tag: string;
  /** Receives the whole output of the builds; default: a file in the folder for temporary files. */
  readonly logFile?: string;
  readonly report?: (message: string) => void;
  /** Images whose builds also reinstall the npm packages, see `ImageBuilder`; default: none. */
  readonly install?: readonly ImageName[];
  /** Stops the running build; default: no way to stop it. */
  readonly signal?: AbortSignal;
}

export interface BuiltImage {
  /** Including the tag. */
  readonly reference: string;
  /** `sha256:…` of its manifest, as pushed. */
  readonly digest: string;
  /** Size of its layers, as pushed. */
  readonly compressedBytes: number;
}

/** By service name. */
export type Images = PerImage<BuiltImage>;

/**
 * Builds the images of the deployment in `cdk.json` as the pipeline does, one after the other: runs the commands of
 * `buildspecs/image.yml` against a registry on this machine. The registry is stopped afterwards; the images stay in the
 * engine.
 *
 * @throws Error with the command that failed and the end of its output
 */
export async function buildImages(engine: ContainerEngine, options: BuildImagesOptions): Promise<Images> {
  const { repositoryPrefix, tag, install = [], report = () => {}, signal } = options;
  const { logFile = join(tmpdir(), `images-${process.pid}.log`) } = options;
  await mkdir(dirname(logFile), { recursive: true });
  await using builder = await startImageBuilder(engine, { logFile, ...(signal && { signal }) });
  const built: Record<ImageName, BuiltImage> = {};
  for (const name of imageNames(configuredDeployment())) {
    const reference = `${repositoryPrefix}/${name}:${tag}`;
    report(`building ${reference}`);
    const { reference: pushed, ...image } = await builder.build(name, tag, {
      install: install.includes(name),
    });
    const before = await idOf(engine, reference);
    await engine.run(['tag', pushed, reference]);
    if (before) await removeNameless(engine, before);
    await removeOthers(engine, reference);
    built[name] = { reference, ...image };
  }
  return built as Images;
}

/** The image digests that task definitions refer to. */
export function digestsOf(images: Images): ImageDigests {
  const digests = Object.entries(images).map(([name, { digest }]) => [name, digest]);
  return Object.fromEntries(digests) as ImageDigests;
}

/** @throws Error when no such image was built */
export function imageOf(images: Images, name: ImageName): BuiltImage {
  const image = images[name];
  if (!image) throw new Error(`No image of ${name} was built: cdk.json has no such service.`);
  return image;
}

async function idOf(engine: ContainerEngine, reference: string): Promise<string | undefined> {
  return engine.run(['image', 'inspect', '--format', '{{.Id}}', reference]).catch(() => undefined);
}

/** Removes the image of an earlier build of the same revision if it has lost its only name. */
async function removeNameless(engine: ContainerEngine, id: string): Promise<void> {
  const names = await engine.run(['image', 'inspect', '--format', '{{len .RepoTags}}', id]).catch(() => '');
  if (names === '0') await engine.run(['image', 'rm', id]).catch(() => {});
}

/** Removes images of earlier revisions, which would fill the disk, except those that a container still uses. */
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
