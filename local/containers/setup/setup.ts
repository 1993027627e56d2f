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
  /** `docker` or `podman`; default: the environment variable CONTAINER_ENGINE, else whichever is found, Docker first. */
  readonly engine?: string | undefined;
  /** Default: `containers` below the state folder of this clone. */
  readonly directory?: string;
  /** Told what takes time. */
  readonly report?: (message: string) => void;
}

/**
 * Finds what can run containers here and gives it the base images of the Dockerfiles. Takes about a minute the first
 * time on a machine without a registry, and a second from then on. Changes nothing outside `directory` but
 * podman's run directory (see makeRunDirectory) or, when a Docker daemon is used, that daemon's images.
 *
 * @throws Error in one sentence: no engine, the named one missing, or a base image that cannot be had
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
  docker:
    'There is no Docker daemon that answers `docker version`. Start it, or set CONTAINER_ENGINE=podman.',
  podman: `podman, which was named, was not found: ${installPodman}`,
};

async function docker(): Promise<ContainerEngine | undefined> {
  const version = await answer('docker', ['version', '--format', '{{.Server.Version}}']);
  // Debian's podman-docker answers to the name of docker as well.
  const genuine = version && !(await answer('docker', ['--version']))?.includes('podman');
  return genuine ? containerEngine('docker', version) : undefined;
}

async function podman(directory: string): Promise<ContainerEngine | undefined> {
  const version = await answer('podman', ['--version']);
  if (!version) return undefined;
  const { environment } = writePodmanConfiguration(directory);
  const commands = join(directory, 'bin');
  mkdirSync(commands, { recursive: true });
  // Another rehearsal may be at work with it: it is replaced whole, never half written.
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
 * The `docker` of the buildspecs' commands. Base images are never asked for at a registry (the set-up has brought
 * them), and builds use the machine's network, because a bridge would change its firewall. Without systemd podman
 * cannot run health checks, and tries for 20 s.
 */
function dockerCommand(environment: Readonly<Record<string, string>>): string {
  const exports = Object.entries(environment).map(([name, value]) => `export ${name}='${value}'`);
  return `#!/bin/sh
${exports.join('\n')}
case "$1" in
  build)
    shift
    # What it mounts and what it runs goes with it, also when it is killed: a mount that stays keeps the clone from being
    # removed. The lock says that a build is at work (removeLeftBuilds).
    exec 9>>'${buildLock(environment)}'
    flock --shared 9
    exec unshare --mount-proc --pid --fork --kill-child podman build --pull-never --network=host --format=docker "$@"
    ;;
  buildx)
    # imagetools inspect --format '{{json .Manifest}}' NAME, of what stands in for the registry's.
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
