import { posix } from 'node:path';
import { containers } from '@packages/contracts';
import { Stack, Token } from 'aws-cdk-lib';
import type { ContainerDefinition } from 'aws-cdk-lib/aws-ecs';
import { kerberosVariables } from './sidecar-environment.ts';

/** How a sidecar relates to the containers of its task. */
export interface Dealings {
  readonly sidecar: ContainerDefinition;
  /** The served containers, each with the path of its ticket folder. */
  readonly served: ReadonlyMap<ContainerDefinition, string>;
  /** Containers that any sidecar serves, or that are left out on purpose. */
  readonly settled: Pick<WeakSet<ContainerDefinition>, 'has'>;
  readonly volumes: { readonly published: string; readonly private: string };
}

/**
 * Checks the other containers of a task in their final state.
 *
 * @returns a sentence for each problem, with its remedy
 */
export function containerProblems(
  others: readonly ContainerDefinition[],
  { sidecar, served, settled, volumes }: Dealings,
): string[] {
  if (served.size === 0) {
    return [
      'KerberosSidecar: no container gets the ticket. Call serve(container) for those that log in to SQL Server.',
    ];
  }
  return others.flatMap((container) => {
    const { containerName, essential } = container;
    if (containerName === sidecar.containerName) return [nameTwice(containerName)];
    const reach = reachProblems(container, sidecar, volumes);
    const mountPath = served.get(container);
    if (mountPath !== undefined) return [...reach, ...servedProblems(container, mountPath)];
    const { firelensConfiguration } = container.renderContainerDefinition();
    // Log routers, agents and other helpers need no ticket.
    return !essential || firelensConfiguration || settled.has(container)
      ? reach
      : [
          ...reach,
          `KerberosSidecar: container ${containerName} gets no ticket. Call serve(container) if it logs in to SQL Server, ` +
            'or leaveOut(container).',
        ];
  });
}

/** ECS does not allow two containers of one name in a task. */
export function nameTwice(name: string): string {
  return (
    `KerberosSidecar: another container of the task is called ${name}, too. Give it another name, or the sidecar ` +
    'another containerName.'
  );
}

/**
 * No other container may mount the volume in which tickets are created, or write to the one in which they are
 * published.
 */
function reachProblems(
  { containerName, mountPoints, volumesFrom }: ContainerDefinition,
  sidecar: ContainerDefinition,
  volumes: Dealings['volumes'],
): string[] {
  return [
    ...(mountPoints.some(({ sourceVolume }) => sourceVolume === volumes.private) ||
    volumesFrom.some(({ sourceContainer }) => sourceContainer === sidecar.containerName)
      ? [
          `KerberosSidecar: container ${containerName} mounts ${volumes.private}, which belongs to the sidecar ` +
            'alone. Remove that mount: serve(container) mounts the ticket.',
        ]
      : []),
    ...(mountPoints.some(({ sourceVolume, readOnly }) => sourceVolume === volumes.published && !readOnly)
      ? [
          `KerberosSidecar: container ${containerName} mounts ${volumes.published} with write access, which only the sidecar ` +
            'may have. Mount it with readOnly: true.',
        ]
      : []),
  ];
}

function servedProblems(container: ContainerDefinition, mountPath: string): string[] {
  const { containerName, mountPoints } = container;
  const { user, secrets, environment } = container.renderContainerDefinition();
  const set = Object.entries(kerberosVariables(mountPath));
  const injected = Array.isArray(secrets) ? secrets.map((each) => 'name' in each && each.name) : [];
  const inTemplate: { name: string; value: unknown }[] = Stack.of(container).resolve(environment) ?? [];
  return [
    ...readingProblems(container, user),
    ...(mountPoints.filter(({ containerPath }) => samePath(containerPath, mountPath)).length > 1
      ? [
          `KerberosSidecar: container ${containerName} has another mount at ${mountPath}. Mount it elsewhere, ` +
            'or give serve another mountPath.',
        ]
      : []),
    ...mountPoints
      .filter(({ containerPath }) => isBelow(containerPath, mountPath))
      .map(
        ({ sourceVolume, containerPath }) =>
          `KerberosSidecar: container ${containerName} has ${sourceVolume} mounted at ${containerPath}, below the ticket's ` +
          `folder ${mountPath}. That folder is read-only, so nothing can be mounted in it. Mount it elsewhere, or give serve ` +
          'another mountPath.',
      ),
    ...set
      .filter(([name]) => injected.includes(name))
      .map(
        ([name]) =>
          `KerberosSidecar: container ${containerName} gets ${name} from a secret, but serve(container) sets it. Leave it ` +
          'out of the secrets.',
      ),
    ...set.flatMap(([name, value]) => {
      const found = inTemplate.find((variable) => variable.name === name)?.value;
      return typeof found !== 'string' || Token.isUnresolved(value) || found === value
        ? []
        : [
            `KerberosSidecar: container ${containerName} has ${name}=${found}, but serve(container) sets ${value}, where the ` +
              'ticket is. Remove it from the environment, or give serve another mountPath.',
          ];
    }),
  ];
}

/** @returns a sentence if the user of a served container cannot read the ticket, which belongs to another user */
function readingProblems(container: ContainerDefinition, user: string | undefined): string[] {
  if (user === undefined || Token.isUnresolved(user)) return [];
  const [name = '', group] = user.split(':');
  const { gid } = containers.web.user;
  const isRoot = name === 'root' || name === '0';
  if (group === String(gid) || (isRoot && mayOverride(container))) return [];
  return [
    `KerberosSidecar: container ${container.containerName} runs as ${user}${isRoot ? ' without the capability DAC_OVERRIDE' : ''}, ` +
      `which cannot read the ticket: it is for root and group ${gid}. Give it the user "${name}:${gid}".`,
  ];
}

/** Whether the kernel lets root read other users' files. Docker grants that capability unless it is dropped. */
function mayOverride(container: ContainerDefinition): boolean {
  const { linuxParameters } = container.renderContainerDefinition();
  const { capabilities }: { capabilities?: { add?: string[]; drop?: string[] } } =
    Stack.of(container).resolve(linuxParameters) ?? {};
  const has = (list: string[] | undefined, ...names: string[]) => names.some((name) => list?.includes(name));
  return (
    has(capabilities?.add, 'ALL', 'DAC_OVERRIDE', 'DAC_READ_SEARCH') ||
    !has(capabilities?.drop, 'ALL', 'DAC_OVERRIDE')
  );
}

/** Whether two mount points are the same path. */
export function samePath(one: string, other: string): boolean {
  return plain(one) === plain(other);
}

function isBelow(one: string, other: string): boolean {
  return plain(one).startsWith(`${plain(other)}/`);
}

function plain(path: string): string {
  return posix.normalize(path).replace(/(?<=.)\/$/, '');
}

/** @returns a sentence if a task has more containers than ECS allows */
export function tooMany({ length }: readonly ContainerDefinition[]): string[] {
  return length <= 10
    ? []
    : [
        `KerberosSidecar: the task has ${length} containers including the sidecar, but ECS allows at most 10.`,
      ];
}

/** @returns a sentence if the containers of a task may use more memory than it has, which ECS refuses */
export function memoryProblems(all: readonly ContainerDefinition[], memory: unknown): string[] {
  const limits = all.map((container) => container.renderContainerDefinition().memory ?? 0);
  const sum = limits.reduce((one, other) => one + other, 0);
  // A memory size that is known only at deployment is not a number.
  if (
    !/^\d+$/.test(String(memory)) ||
    limits.some((limit) => Token.isUnresolved(limit)) ||
    sum <= Number(memory)
  )
    return [];
  return [
    `KerberosSidecar: the containers are limited to ${sum} MiB together (${limits.join(' + ')}), but the task has ` +
      `${memory}. The sidecar's memory is part of the task's: give the task more, or the containers less.`,
  ];
}

/** @returns a sentence if another volume of the task has one of these names, which ECS refuses */
export function volumeProblems(names: readonly (string | undefined)[], own: readonly string[]): string[] {
  return [...new Set(own)]
    .filter((name) => names.filter((other) => other === name).length > 1)
    .map(
      (name) =>
        `KerberosSidecar: two volumes of the task are called ${name}. Give the sidecar's two names of their own (volumes).`,
    );
}
