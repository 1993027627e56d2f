// Writes the bill of materials of an image: `image-contents.ts IMAGE DIRECTORY`.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import * as z from 'zod';
import { baseImagesLabel, readBaseImages } from '../aws/provenance/base-images.ts';
import { sbomFile } from '../config/pipeline-names.ts';
import { imageVariables } from './image-variables.ts';
import { billOfMaterials } from './images/bill-of-materials.ts';
import { type DebianPackage, parseDpkgStatus } from './images/debian-packages.ts';
import { progress, readVariables, runProgram } from './program.ts';

/** Seconds; a container engine that does not answer must not block the pipeline. */
const limit = 300;

await runProgram(async () => {
  const [image, directory] = process.argv.slice(2);
  if (!image || !directory) throw new Error('usage: image-contents.ts IMAGE DIRECTORY');
  const { IMAGE_REPOSITORY: repository, IMAGE_TAG: tag } = imageVariables();
  const { SERVICE: service } = readVariables({
    SERVICE: z
      .string('it must be the folder of a service.')
      .regex(/^[a-z][a-z0-9-]*$/, 'it must be the folder of a service.'),
  });

  const node = await docker('run', '--rm', '--network', 'none', '--entrypoint', 'node', image, '--version');
  const debian = await debianPackages(image);
  const labels = JSON.parse(await docker('image', 'inspect', '--format', '{{json .Config.Labels}}', image));
  const bases = z.string(`${image} has no label ${baseImagesLabel}, so its base images are unknown.`);
  const npm = await execa(
    'npm',
    [
      'sbom',
      '--package-lock-only',
      '--omit',
      'dev',
      '--sbom-format',
      'cyclonedx',
      '--workspace',
      `services/${service}`,
    ],
    { timeout: limit * 1000, stderr: 'inherit' },
  );
  const document = billOfMaterials(JSON.parse(npm.stdout), {
    repository,
    tag,
    nodeVersion: node.replace(/^v/, ''),
    debian,
    baseImages: readBaseImages(bases.parse(labels?.[baseImagesLabel])),
  });
  await mkdir(directory, { recursive: true });
  const file = join(directory, sbomFile(service));
  await writeFile(file, `${JSON.stringify(document, undefined, 2)}\n`);
  progress(`${file}: ${document.components.length} components, ${debian.length} of them Debian packages`);
});

/** The Debian packages in the image, from the records that the image keeps of them for scanners. */
async function debianPackages(image: string): Promise<DebianPackage[]> {
  const container = await docker('create', image);
  const folder = await mkdtemp(join(tmpdir(), 'image-contents-'));
  try {
    await docker('cp', `${container}:/var/lib/dpkg/status.d`, folder);
    const records = join(folder, 'status.d');
    const texts = await Promise.all(
      (await readdir(records)).sort().map((name) => readFile(join(records, name), 'utf8')),
    );
    return texts.flatMap(parseDpkgStatus);
  } finally {
    await docker('rm', container);
    await rm(folder, { recursive: true, force: true });
  }
}

async function docker(...args: string[]): Promise<string> {
  const { stdout } = await execa('docker', args, { timeout: limit * 1000, stderr: 'inherit' });
  return stdout.trim();
}
