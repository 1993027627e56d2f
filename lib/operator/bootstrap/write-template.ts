import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BootstrapPlace } from './places.ts';
import type { Run } from './program.ts';
import { toolkitTemplate } from './toolkit-template.ts';

/** @returns the file with the bootstrap template for one place */
export async function writeTemplate(
  { deployment, directory, shownTemplate }: Pick<Run, 'deployment' | 'directory' | 'shownTemplate'>,
  place: BootstrapPlace,
): Promise<string> {
  const file = join(directory, `bootstrap-${place.account}-${place.region}.json`);
  const template = toolkitTemplate(await shownTemplate(), deployment, place);
  try {
    await mkdir(directory, { recursive: true });
    await writeFile(file, template);
  } catch (error) {
    throw new Error(`The template for the CDK could not be written to ${file}: ${(error as Error).message}.`);
  }
  return file;
}
