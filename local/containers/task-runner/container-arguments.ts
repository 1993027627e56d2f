import type { ContainerDefinition } from '../../service/task-definition/schema.ts';
import type { ContainerEngine } from '../engine.ts';

/** What a container is given by the machine that it runs on, not by its definition. */
export interface Surroundings {
  /** Its name at the engine. */
  readonly name: string;
  readonly image: string;
  /** MiB, when the definition sets no limit for this container. */
  readonly taskMemory: number;
  /** The engine's name of each of the task's volumes. */
  readonly volumes: ReadonlyMap<string, string>;
  readonly labels: Readonly<Record<string, string>>;
  /** Address of the DNS server, as a VPC gives its own; default: the machine's. */
  readonly dns?: string | undefined;
  /** Set in place of, or besides, what the definition says. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Files of this machine laid read-only over those of the image, by their path in the container. */
  readonly files?: Readonly<Record<string, string>> | undefined;
}

/**
 * The arguments of `podman create` or `docker create` that make a container as its definition says.
 *
 * Two fields of Fargate's have no counterpart on a shared machine and are left to it: the network interface of the
 * task (here the tasks share the machine's loopback network and take an address each), and the share of processors.
 * Secrets are named only; their values come by the environment of the command.
 */
export function containerArguments(
  definition: ContainerDefinition,
  surroundings: Surroundings,
  engine: Pick<ContainerEngine, 'name'>,
): string[] {
  const { LinuxParameters: linux, Memory: memory = surroundings.taskMemory } = definition;
  const { environment = {}, files = {}, labels, dns } = surroundings;
  const variables = {
    ...Object.fromEntries(definition.Environment.map(({ Name, Value }) => [Name, Value])),
    ...environment,
  };
  const [entryPoint, ...firstArguments] = definition.EntryPoint ?? [];
  return [
    `--name=${surroundings.name}`,
    '--network=host',
    '--log-driver=none',
    '--no-healthcheck',
    ...Object.entries({ ...definition.DockerLabels, ...labels }).map(
      ([name, value]) => `--label=${name}=${value}`,
    ),
    ...(dns ? [`--dns=${dns}`, '--dns-search=.'] : []),
    ...Object.entries(variables).map(([name, value]) => `--env=${name}=${value}`),
    ...definition.Secrets.map(({ Name }) => `--env=${Name}`),
    ...(definition.User ? [`--user=${definition.User}`] : []),
    ...(definition.WorkingDirectory ? [`--workdir=${definition.WorkingDirectory}`] : []),
    ...(definition.ReadonlyRootFilesystem ? readOnly(engine) : []),
    ...linux.Capabilities.Drop.map((capability) => `--cap-drop=${capability}`),
    ...linux.Capabilities.Add.map((capability) => `--cap-add=${capability}`),
    ...(linux.InitProcessEnabled ? ['--init'] : []),
    // The same limit for memory with swap: Fargate has none.
    `--memory=${memory}m`,
    `--memory-swap=${memory}m`,
    ...(definition.MemoryReservation ? [`--memory-reservation=${definition.MemoryReservation}m`] : []),
    ...(definition.Cpu ? [`--cpu-shares=${definition.Cpu}`] : []),
    ...definition.Ulimits.map(
      ({ Name, SoftLimit, HardLimit }) => `--ulimit=${Name}=${SoftLimit}:${HardLimit}`,
    ),
    ...definition.MountPoints.map(
      ({ SourceVolume, ContainerPath, ReadOnly }) =>
        `--volume=${surroundings.volumes.get(SourceVolume)}:${ContainerPath}${ReadOnly ? ':ro' : ''}`,
    ),
    ...Object.entries(files).map(([path, file]) => `--volume=${file}:${path}:ro`),
    `--stop-timeout=${definition.StopTimeout}`,
    ...(entryPoint ? [`--entrypoint=${entryPoint}`] : []),
    surroundings.image,
    ...firstArguments,
    ...(definition.Command ?? []),
  ];
}

/** podman would lay a writable tmpfs over /tmp, /run and /var/tmp, which Fargate does not. */
function readOnly({ name }: Pick<ContainerEngine, 'name'>): string[] {
  return name === 'podman' ? ['--read-only', '--read-only-tmpfs=false'] : ['--read-only'];
}
