import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSidecar } from '@services/sidecar/build';
import { thirdPartyNotices } from './third-party-notices.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const buildStage = /^FROM \$\{NODE_IMAGE\} AS build\n[\s\S]*?(?=^FROM )/m;

/**
 * Lays what `docker build` needs for the sidecar's image: its bundle in place of the sources, and the rest as in this
 * repository, from the same Dockerfile.
 *
 * @throws Error when that Dockerfile has another form than is known here
 */
export async function layImage(folder: string): Promise<void> {
  const app = join(folder, 'app');
  await mkdir(app, { recursive: true });
  const inputs = await buildSidecar(app);
  await writeFile(join(app, 'THIRD-PARTY-NOTICES.txt'), await thirdPartyNotices(repository, inputs));
  await cp(join(repository, 'services', 'image'), join(folder, 'services', 'image'), { recursive: true });
  const dockerfile = await readFile(join(repository, 'services', 'sidecar', 'Dockerfile'), 'utf8');
  await writeFile(join(folder, 'Dockerfile'), withBundle(dockerfile));
}

/** The Dockerfile whose first stage takes the bundle that lies beside it. @throws Error when there is no such stage */
export function withBundle(dockerfile: string): string {
  if (!buildStage.test(dockerfile)) throw new Error("The sidecar's Dockerfile has no stage named build.");
  return dockerfile
    .replace('Build from the\n# repository root.', 'Build from\n# the folder it lies in.')
    .replace(buildStage, 'FROM scratch AS build\nCOPY app/ /out/app/\n\n');
}
