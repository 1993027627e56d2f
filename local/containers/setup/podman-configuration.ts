import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeRunDirectory } from './run-directory.ts';

/** The folder of a private podman, and the environment variables that make podman use it. */
export interface PodmanConfiguration {
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Writes the configuration of a podman (and buildah) that keeps images and containers below one folder, keeps the state
 * of running containers in another (see makeRunDirectory), and does not affect the machine's own podman. Reference:
 * containers.conf(5), containers-storage.conf(5), containers-registries.conf(5), policy.json(5).
 *
 * @param directory created if it does not exist
 */
export function writePodmanConfiguration(directory: string): PodmanConfiguration {
  const file = (name: string) => join(directory, 'configuration', name);
  const run = makeRunDirectory(directory);
  const temporary = join(directory, 'tmp');
  for (const folder of [join(directory, 'configuration'), temporary]) {
    mkdirSync(folder, { recursive: true, mode: 0o711 });
  }
  writeFileSync(file('storage.conf'), storageConf(join(directory, 'storage'), run.runRoot));
  writeFileSync(file('containers.conf'), containersConf(directory, run.folder, temporary));
  writeFileSync(file('registries.conf'), registriesConf);
  // Images come from the pinned base image or are built here, so signatures are not checked.
  writeFileSync(file('policy.json'), JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }));
  // Keep what `docker login` has written between runs.
  if (!existsSync(file('auth.json'))) writeFileSync(file('auth.json'), '{}\n', { mode: 0o600 });
  return {
    directory,
    environment: {
      CONTAINERS_STORAGE_CONF: file('storage.conf'),
      CONTAINERS_CONF: file('containers.conf'),
      CONTAINERS_REGISTRIES_CONF: file('registries.conf'),
      REGISTRY_AUTH_FILE: file('auth.json'),
      TMPDIR: temporary,
      // One layer for each stage. Builds do not reuse each other's layers, and writing one for each of forty steps
      // takes minutes.
      BUILDAH_LAYERS: 'false',
    },
  };
}

/** The registry on this machine uses HTTP; Docker also assumes that for loopback addresses. */
const registriesConf = `unqualified-search-registries = ["docker.io"]
[[registry]]
location = "127.0.0.1"
insecure = true
`;

function storageConf(graphRoot: string, runRoot: string): string {
  return `[storage]
driver = "overlay"
graphroot = "${graphRoot}"
runroot = "${runRoot}"
[storage.options.overlay]
# No bind mount of the store on itself, which would be left behind when we are done.
skip_mount_home = "true"
`;
}

function containersConf(directory: string, run: string, temporary: string): string {
  return `[containers]
# Without systemd and CAP_SYS_RESOURCE the defaults cannot be set: "error setting rlimit type 7".
default_ulimits = ["nofile=16384:16384", "nproc=16384:16384"]
log_driver = "none"
[engine]
# crun refuses machines with both cgroup hierarchies mounted ("cgroups in hybrid mode not supported").
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "none"
# The default, shared memory, is one for the whole machine.
lock_type = "file"
tmp_dir = "${join(run, 'libpod')}"
# Where \`podman container cleanup\` looks for it, which conmon runs at a container's end with \`--root\` alone. Any other
# place costs 20 s for each container: "Exceeded conmon timeout waiting for container to exit".
static_dir = "${join(directory, 'storage', 'libpod')}"
volume_path = "${join(directory, 'volumes')}"
image_copy_tmp_dir = "${temporary}"
[network]
network_backend = "netavark"
network_config_dir = "${join(directory, 'networks')}"
`;
}
