import { containers } from '@packages/contracts';
import { Token } from 'aws-cdk-lib';
import type { ContainerDefinition, TaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { valueProblems } from './check-values.ts';
import type { KerberosSidecarProps } from './props.ts';
import { spnOf } from './spn.ts';

const label = '[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?';
const domainName = new RegExp(`^${label}(\\.${label})+$`);
const hostLabel = '[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?';
const servicePrincipal = new RegExp(
  `^MSSQLSvc/${hostLabel}(\\.${hostLabel})+(:(\\d{1,5}|[A-Za-z][A-Za-z0-9_$#]*))?(@${hostLabel}(\\.${hostLabel})*)?$`,
);

/** @throws Error with a sentence for each wrong property; values that are known at deployment only are let through */
export function checkProps(props: KerberosSidecarProps): void {
  const wrong = (value: string, form: RegExp) => !Token.isUnresolved(value) && !form.test(value);
  const spn = spnOf(props.sqlServer);
  const problems = [
    ...(wrong(props.domain, domainName)
      ? [
          `domain is ${JSON.stringify(props.domain)}, but it must be the DNS name of the domain, such as corp.example.com.`,
        ]
      : []),
    ...(wrong(spn, servicePrincipal)
      ? [
          `The service principal name of the SQL Server would be ${JSON.stringify(spn)}. It is made of sqlServer.host, ` +
            'which must be the full name in the domain, such as sql01.corp.example.com; or give sqlServer.spn.',
        ]
      : []),
    ...(props.user.secretFullArn === undefined
      ? [
          'user is a secret without its complete ARN (imported by name or partial ARN), with which ECS cannot read it: ' +
            'import it with Secret.fromSecretCompleteArn, or with fromSecretAttributes if a KMS key of yours encrypts it.',
        ]
      : []),
  ];
  problems.push(...valueProblems(props));
  if (problems.length > 0) throw new Error(`KerberosSidecar: ${problems.join(' ')}`);
}

/** @throws Error when a sidecar cannot be added to it, with what to do */
export function checkTaskDefinition(
  taskDefinition: TaskDefinition,
  operatingSystem: string | undefined,
  containerName: string,
): void {
  if (typeof (taskDefinition as Partial<TaskDefinition>).addContainer !== 'function') {
    throw new Error(
      'KerberosSidecar: an imported task definition cannot get another container. Add the sidecar where the task ' +
        'definition is made.',
    );
  }
  const { path } = taskDefinition.node;
  if (operatingSystem?.startsWith('WINDOWS')) {
    throw new Error(
      `KerberosSidecar: ${path} runs on Windows (${operatingSystem}), but the sidecar is a Linux container. Windows ` +
        'containers log in with a group managed service account (credential specs) and need none.',
    );
  }
  if (taskDefinition.node.tryFindChild(containerName)) {
    throw new Error(
      `KerberosSidecar: ${path} has a container ${containerName} already. One sidecar serves all containers that log in ` +
        'to the same SQL Server; one for another server needs another containerName.',
    );
  }
}

/** @throws Error when something is mounted at that path already */
export function checkMounts(container: ContainerDefinition, mountPath: string): void {
  if (container.mountPoints.some(({ containerPath }) => containerPath === mountPath)) {
    throw new Error(
      `KerberosSidecar: ${container.node.path} has something mounted at ${mountPath} already. Give serve another ` +
        'mountPath; a container that another sidecar serves cannot be served twice, as Kerberos reads one cache.',
    );
  }
}

/**
 * What is wrong with the containers of a task as they are in the end.
 *
 * @param served those that this sidecar serves
 * @param settled those that any sidecar serves, or that are meant to be left out
 * @returns sentences, each with what to do
 */
export function containerProblems(
  containersOfTask: readonly ContainerDefinition[],
  {
    served,
    settled,
  }: {
    readonly served: ReadonlySet<ContainerDefinition>;
    readonly settled: Pick<WeakSet<ContainerDefinition>, 'has'>;
  },
): string[] {
  if (served.size === 0) {
    return [
      'KerberosSidecar: no container gets the ticket. Call serve(container) for those that log in to SQL Server.',
    ];
  }
  return containersOfTask.flatMap((container) => {
    const { containerName, essential } = container;
    const { user, firelensConfiguration } = container.renderContainerDefinition();
    if (served.has(container)) {
      return user === undefined || mayRead(user)
        ? []
        : [
            `KerberosSidecar: container ${containerName} runs as ${user}, which cannot read the ticket: it is for root and ` +
              `group ${containers.web.user.gid}. Give it the user "${user.split(':')[0]}:${containers.web.user.gid}".`,
          ];
    }
    // Besides the containers that do the work there are routers of logs, agents and others that need no ticket.
    return !essential || firelensConfiguration || settled.has(container)
      ? []
      : [
          `KerberosSidecar: container ${containerName} gets no ticket. Call serve(container) if it logs in to SQL Server, ` +
            'or leaveOut(container).',
        ];
  });
}

/** @returns a sentence when the containers of a task may take more memory than it has, for which ECS refuses it */
export function memoryProblems(containers: readonly ContainerDefinition[], memory: unknown): string[] {
  const limits = containers.map((container) => container.renderContainerDefinition().memory ?? 0);
  const sum = limits.reduce((one, other) => one + other, 0);
  // What only a deployment knows is no number.
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

function mayRead(user: string): boolean {
  if (Token.isUnresolved(user)) return true;
  const [name, group] = user.split(':');
  return name === 'root' || name === '0' || group === String(containers.web.user.gid);
}
