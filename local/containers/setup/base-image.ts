import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { ContainerEngine } from '../engine.ts';
import { registryAnswers } from './registry.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const label = 'local.base-image';
/** The npm that comes with the base image's Node.js; it only has to honour the lock file. */
const npmVersion = '11.19.0';

/** The base image of a Dockerfile: the default of its build argument NODE_IMAGE. */
export function baseImageName(dockerfile: string): string {
  const name = /^ARG NODE_IMAGE=(\S+)$/m.exec(readFileSync(join(repository, dockerfile), 'utf8'))?.[1];
  if (!name) throw new Error(`${dockerfile} has no line "ARG NODE_IMAGE=…" that names its base image.`);
  return name;
}

/**
 * Makes sure that the engine has a base image: an existing one, one that it pulls, or, if no registry answers, one
 * built from Debian packages and npm's package of the same Node.js.
 *
 * @throws Error with the reason when it can be neither pulled nor built
 */
export async function ensureBaseImage(
  engine: ContainerEngine,
  image: string,
  { directory, report }: { directory: string; report: (message: string) => void },
): Promise<void> {
  const found = await engine
    .run(['image', 'inspect', '--format', `{{index .Config.Labels "${label}"}}`, image])
    .catch(() => undefined);
  // A pulled image has no such label.
  if (found === '' || found === '<no value>' || found === recipe()) return;
  if (found === undefined && (await registryAnswers(image))) {
    report(`Pulling ${image}`);
    await engine.run(['pull', image]);
    return;
  }
  report(`Building ${image} from Debian and npm packages (no registry answers)`);
  await makeBaseImage(engine, image, directory);
}

/** Changes whenever something that the built image depends on changes. */
function recipe(): string {
  return createHash('sha256')
    .update(`${npmVersion} ${nodeVersion()}`)
    .update(readFileSync(fileURLToPath(import.meta.url)))
    .update(certificates() ? readFileSync(certificates() as string) : '')
    .digest('hex')
    .slice(0, 16);
}

function nodeVersion(): string {
  return JSON.parse(readFileSync(join(nodePackage(), 'package.json'), 'utf8')).version;
}

function nodePackage(): string {
  return join(repository, 'node_modules', `node-linux-${process.arch}`);
}

/** The file with additional certificate authorities that this machine trusts, if NODE_EXTRA_CA_CERTS names one. */
function certificates(): string | undefined {
  const file = process.env.NODE_EXTRA_CA_CERTS;
  return file && existsSync(file) ? file : undefined;
}

/**
 * Builds a minimal Debian 12 with Node.js in the same place as in the official image. It is used only for building: the
 * last stages of the Dockerfiles copy single files from it, so nothing specific to this machine (its certificate
 * authorities) ends up in our images.
 */
async function makeBaseImage(engine: ContainerEngine, image: string, directory: string): Promise<void> {
  if (!image.includes(`/node:${nodeVersion()}-bookworm`)) {
    throw new Error(
      `${image} cannot be pulled, and this machine can only build Node.js ${nodeVersion()} on Debian bookworm. ` +
        'Bring the Dockerfiles and node-linux-* in package.json to the same version.',
    );
  }
  await mkdir(directory, { recursive: true });
  const folder = await mkdtemp(join(directory, 'base-image-'));
  const archive = join(folder, 'root.tar');
  const npm = join(folder, 'lib', 'node_modules');
  try {
    await mkdir(npm, { recursive: true });
    const [packed] = await command('npm', [
      'pack',
      `npm@${npmVersion}`,
      '--pack-destination',
      folder,
      '--silent',
    ]);
    await command('tar', ['-xf', join(folder, packed as string), '-C', npm, '--no-same-owner']);
    await command('mmdebstrap', ['--quiet', '--variant=minbase', ...hooks(folder), 'bookworm', archive]);
    const changes = [
      `LABEL ${label}=${recipe()}`,
      'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ];
    if (certificates()) changes.push('ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt');
    const flags = changes.flatMap((change) => ['--change', change]);
    await engine.run(['import', ...flags, archive, image]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function hooks(folder: string): string[] {
  const node = nodePackage();
  const steps = [
    `copy-in ${join(node, 'bin')} ${join(node, 'include')} ${join(folder, 'lib')} /usr/local`,
    `upload ${join(node, 'LICENSE')} /usr/local/LICENSE`,
    'chroot "$1" mv /usr/local/lib/node_modules/package /usr/local/lib/node_modules/npm',
    'chroot "$1" ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm',
    'chroot "$1" ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx',
  ];
  if (certificates()) {
    steps.push('mkdir -p "$1/etc/ssl/certs"', `upload ${certificates()} /etc/ssl/certs/ca-certificates.crt`);
    steps.push('echo cafile=/etc/ssl/certs/ca-certificates.crt > "$1/usr/local/lib/node_modules/npm/npmrc"');
  }
  return steps.map((step) => `--customize-hook=${step}`);
}

async function command(name: string, args: readonly string[]): Promise<string[]> {
  const { stdout } = await execa(name, args, { stdin: 'ignore', timeout: 600_000, lines: true });
  return stdout;
}
