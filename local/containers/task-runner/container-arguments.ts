import type { ContainerDefinition } from '../../service/task-definition/schema.ts';
import type { ContainerEngine } from '../engine.ts';

/** Settings of a container that come from this machine, not from its definition. */
export interface Surroundings {
  /** Its name in the engine. */
  readonly name: string;
  readonly image: string;
  /** MiB that the container gets if its definition sets no limit. */
  readonly taskMemory: number;
  /** The engine's names of the task's volumes. */
  readonly volumes: ReadonlyMap<string, string>;
  readonly labels: Readonly<Record<string, string>>;
  /** Address of the DNS server, as in a VPC; default: the machine's. */
  readonly dns?: string | undefined;
  /** Variables that override or extend those in the definition. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Files of this machine that replace files of the image, read-only, by their path in the container. */
  readonly files?: Readonly<Record<string, string>> | undefined;
}

/**
 * The arguments of `podman create` or `docker create` that create a container according to its definition.
 *
 * Two Fargate settings have no counterpart on a shared machine and are ignored: the task's network interface (tasks
 * share the machine's loopback network here, with one address each), and its share of the processors. Secrets appear
 * only by name; the environment of the command provides their values.
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
    // The limit for memory including swap is the same, because Fargate has no swap.
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

/** podman would mount a writable tmpfs on /tmp, /run and /var/tmp, which Fargate does not do. */
function readOnly({ name }: Pick<ContainerEngine, 'name'>): string[] {
  return name === 'podman' ? ['--read-only', '--read-only-tmpfs=false'] : ['--read-only'];
}
