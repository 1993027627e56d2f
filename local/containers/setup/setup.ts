import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { stateRoot } from '../../processes/state-root.ts';
import { patience } from '../../processes/within.ts';
import { type ContainerEngine, containerEngine } from '../engine.ts';
import { nodeDockerfiles } from '../images/dockerfiles.ts';
import { baseImageName, ensureBaseImage } from './base-image.ts';
import { buildLock } from './left-builds.ts';
import { writePodmanConfiguration } from './podman-configuration.ts';

export interface ContainerSetupOptions {
  /**
   * `docker` or `podman`; default: the environment variable CONTAINER_ENGINE, otherwise the first that is found, Docker
   * before podman.
   */
  readonly engine?: string | undefined;
  /** Default: `containers` below this clone's state folder. */
  readonly directory?: string;
  /** Called before steps that take time. */
  readonly report?: (message: string) => void;
}

/**
 * Finds a container engine and provides it with the base images of the Dockerfiles. The first run on a machine without
 * a registry takes about a minute, later runs a second. Changes nothing outside `directory` except podman's run
 * directory (see makeRunDirectory) or, with Docker, the daemon's images.
 *
 * @throws Error when there is no engine, the requested one is missing, or a base image can be neither pulled nor built
 */
export async function setUpContainers(options: ContainerSetupOptions = {}): Promise<ContainerEngine> {
  const { directory = join(stateRoot(), 'containers'), report = () => {} } = options;
  const engine = await findEngine(options.engine ?? process.env.CONTAINER_ENGINE, directory);
  report(`Using ${engine.name} ${engine.version}`);
  for (const image of new Set(nodeDockerfiles().map(baseImageName))) {
    await ensureBaseImage(engine, image, { directory: join(directory, 'tmp'), report });
  }
  return engine;
}

async function findEngine(named: string | undefined, directory: string): Promise<ContainerEngine> {
  if (named !== undefined && named !== 'docker' && named !== 'podman') {
    throw new Error(`CONTAINER_ENGINE is "${named}", but it must be docker or podman.`);
  }
  const candidates = named ? [named] : (['docker', 'podman'] as const);
  for (const candidate of candidates) {
    const engine = candidate === 'docker' ? await docker() : await podman(directory);
    if (engine) return engine;
  }
  throw new Error(missing[named ?? 'any']);
}

const installPodman = "install Debian's podman, as `npm run test:containers` does.";
const missing = {
  any: `Neither a Docker daemon nor podman was found: ${installPodman}`,
  docker: 'No Docker daemon answers `docker version`. Start it, or set CONTAINER_ENGINE=podman.',
  podman: `podman was requested but not found: ${installPodman}`,
};

async function docker(): Promise<ContainerEngine | undefined> {
  const version = await answer('docker', ['version', '--format', '{{.Server.Version}}']);
  // Debian's podman-docker also provides a command called docker.
  const genuine = version && !(await answer('docker', ['--version']))?.includes('podman');
  return genuine ? containerEngine('docker', version) : undefined;
}

async function podman(directory: string): Promise<ContainerEngine | undefined> {
  const version = await answer('podman', ['--version']);
  if (!version) return undefined;
  const { environment } = writePodmanConfiguration(directory);
  const commands = join(directory, 'bin');
  mkdirSync(commands, { recursive: true });
  // Replaced atomically, because another rehearsal may be using it at this moment.
  const replacement = join(commands, `docker-${process.pid}`);
  writeFileSync(replacement, dockerCommand(environment), { mode: 0o755 });
  renameSync(replacement, join(commands, 'docker'));
  return containerEngine('podman', version.split(' ').at(-1) ?? '', environment, commands);
}

async function answer(command: string, args: readonly string[]): Promise<string | undefined> {
  const { exitCode, stdout } = await execa(command, args, {
    reject: false,
    timeout: patience,
    stdin: 'ignore',
  });
  return exitCode === 0 && stdout ? stdout.trim() : undefined;
}

/**
 * The `docker` command for the buildspecs. Base images are not pulled, because the set-up has provided them. Builds use
 * the machine's network, because a bridge would change its firewall. Without systemd, podman cannot run health checks,
 * and would spend 20 s trying.
 */
function dockerCommand(environment: Readonly<Record<string, string>>): string {
  const exports = Object.entries(environment).map(([name, value]) => `export ${name}='${value}'`);
  return `#!/bin/sh
${exports.join('\n')}
case "$1" in
  build)
    shift
    # Even if the build is killed, its mounts and processes go with it: a mount that stayed would keep the clone from being
    # removed. The lock shows that a build is running (removeLeftBuilds).
    exec 9>>'${buildLock(environment)}'
    flock --shared 9
    exec unshare --mount-proc --pid --fork --kill-child podman build --pull-never --network=host --format=docker "$@"
    ;;
  buildx)
    # imagetools inspect --format '{{json .Manifest}}' NAME, answered from the local image instead of the registry.
    exec podman image inspect --format '{"digest":"{{.Digest}}"}' "$6"
    ;;
  run | create)
    command=$1
    shift
    exec podman "$command" --no-healthcheck "$@"
    ;;
esac
exec podman "$@"
`;
}
