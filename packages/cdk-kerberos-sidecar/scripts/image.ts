import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildSidecar } from '@services/sidecar/build';
import { thirdPartyNotices } from './third-party-notices.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const buildStage = /^FROM \$\{NODE_IMAGE\} AS build\n[\s\S]*?(?=^FROM )/m;
/** The files that the build stage creates for the image. */
const laid = { app: '/out/app', authorities: '/out/etc/ssl/certs/rds-global-bundle.pem' } as const;

/**
 * Creates the folder from which `docker build` makes the sidecar's image: the results of the Dockerfile's first stage,
 * and the other inputs as in this repository.
 *
 * @throws Error if that Dockerfile has an unexpected form
 */
export async function layImage(folder: string): Promise<void> {
  const dockerfile = await readFile(join(repository, 'services', 'sidecar', 'Dockerfile'), 'utf8');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'Dockerfile'), withoutSources(dockerfile));
  const inputs = await buildSidecar(join(folder, laid.app));
  await writeFile(
    join(folder, laid.app, 'THIRD-PARTY-NOTICES.txt'),
    await thirdPartyNotices(repository, inputs),
  );
  const authorities = join(repository, 'packages', 'service', 'image', 'certificate-authorities.ts');
  await promisify(execFile)(process.execPath, [authorities, join(folder, laid.authorities)]);
  await cp(join(repository, 'services', 'image'), join(folder, 'services', 'image'), { recursive: true });
}

/**
 * Replaces the first stage of the Dockerfile by one that copies the prepared files.
 *
 * @throws Error if there is no such stage, or if it creates other files
 */
export function withoutSources(dockerfile: string): string {
  const [stage] = buildStage.exec(dockerfile) ?? [];
  if (!stage) throw new Error("The sidecar's Dockerfile has no stage named build.");
  const made = [...stage.matchAll(/\/out\/\S*/g)].map(([path]) => path);
  if (made.join() !== Object.values(laid).join()) {
    throw new Error(`The sidecar's Dockerfile makes ${made.join(' and ')}: lay that for the package, too.`);
  }
  return dockerfile
    .replace('Build from the\n# repository root.', 'Build from\n# the folder it lies in.')
    .replace(stage, 'FROM scratch AS build\nCOPY out/ /out/\n\n');
}
