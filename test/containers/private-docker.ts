import { copyFile, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { type ContainerEngine, containerEngine } from '../../local/containers/engine.ts';
import { logTail, startProcess } from '../../local/processes/managed-process.ts';
import { patience, within } from '../../local/processes/within.ts';

/** A separate Docker daemon that ends with the test. */
export interface PrivateDocker extends AsyncDisposable {
  readonly engine: ContainerEngine;
  /** Variables that make `docker` in any process use this daemon. */
  readonly variables: Readonly<Record<'DOCKER_HOST' | 'PATH', string>>;
}

/**
 * Starts Debian's Docker daemon from its unpacked packages. Installs nothing and touches no service of the machine.
 * Without a bridge or firewall rules, the network stays unchanged.
 *
 * @param programs folder for the unpacked packages; kept between runs
 * @throws Error with the end of the daemon's log if it does not answer within `patience`
 */
export async function startPrivateDocker(programs: string): Promise<PrivateDocker> {
  const commands = await unpack(programs);
  const directory = await mkdtemp(join(tmpdir(), 'docker-'));
  const socket = `unix://${join(directory, 'socket')}`;
  const variables = { DOCKER_HOST: socket, PATH: `${commands}:${process.env.PATH}` };
  const daemon = await startProcess({
    name: 'docker-daemon',
    command: 'dockerd',
    args: [
      `--host=${socket}`,
      `--data-root=${join(directory, 'data')}`,
      `--exec-root=${join(directory, 'run')}`,
      `--pidfile=${join(directory, 'pid')}`,
      '--storage-driver=overlay2',
      '--bridge=none',
      '--iptables=false',
      '--ip6tables=false',
      '--ip-forward=false',
    ],
    environment: { ...process.env, ...variables },
    stateDirectory: directory,
  });
  const stop = async () => {
    await daemon.stop(20_000);
    // The network namespace of containers that use the host's network stays mounted.
    const mounts = (await readFile('/proc/self/mounts', 'utf8'))
      .split('\n')
      .map((line) => line.split(' ')[1] ?? '');
    for (const mount of mounts.filter((path) => path.startsWith(`${directory}/`)).reverse()) {
      await execa('umount', [mount], { timeout: patience });
    }
    await rm(directory, { recursive: true, force: true });
  };
  const engine = containerEngine('docker', '', variables, commands);
  const answers = () =>
    engine.run(['version']).then(
      () => true,
      () => false,
    );
  if (!(await within(patience, async () => !daemon.running || (await answers()), 200)) || !daemon.running) {
    const words = logTail(daemon.logFile);
    await stop();
    throw new Error(`The Docker daemon did not start:\n${words}`);
  }
  return { engine, variables, [Symbol.asyncDispose]: stop };
}

/** @returns the folder with all programs */
async function unpack(directory: string): Promise<string> {
  const commands = join(directory, 'commands');
  const done = await readdir(commands).catch(() => [] as string[]);
  if (done.includes('dockerd')) return commands;
  await mkdir(commands, { recursive: true });
  const download = await mkdtemp(join(tmpdir(), 'docker-packages-'));
  const options = { cwd: download, timeout: 600_000, stdin: 'ignore' } as const;
  await execa(
    'apt-get',
    ['-qq', '-o', 'APT::Sandbox::User=root', 'download', 'docker.io', 'containerd'],
    options,
  );
  for (const file of await readdir(download)) {
    await execa('dpkg-deb', ['--extract', file, join(download, 'root')], options);
  }
  for (const folder of ['bin', 'sbin']) {
    const source = join(download, 'root', 'usr', folder);
    for (const file of await readdir(source, { withFileTypes: true })) {
      // docker-init is a link to a file of a package that is not needed here.
      if (file.isFile()) await copyFile(join(source, file.name), join(commands, file.name));
    }
  }
  await rm(download, { recursive: true });
  return commands;
}
