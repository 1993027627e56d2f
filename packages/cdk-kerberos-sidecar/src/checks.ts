import { posix } from 'node:path';
import { Token } from 'aws-cdk-lib';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import type { IConnectable } from 'aws-cdk-lib/aws-ec2';
import { type ContainerDefinition, NetworkMode, type TaskDefinition } from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import { nameTwice, samePath } from './check-containers.ts';
import { shapeProblems, valueProblems } from './check-values.ts';
import type { KerberosSidecarProps, Peers } from './props.ts';
import { spnOf } from './spn.ts';

const label = '[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
/** The last label must not be a number, as in an IP address. */
const domainName = new RegExp(`^(?=.{1,253}$)(${label}\\.)+(?!\\d+$)${label}$`);
const hostLabel = '[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?';
const servicePrincipal = new RegExp(
  `^MSSQLSvc/${hostLabel}(\\.${hostLabel})+(:(\\d{1,5}|[A-Za-z][A-Za-z0-9_$#]*))?(@${hostLabel}(\\.${hostLabel})*)?$`,
);

/** @throws Error with a sentence for each wrong property; values that are known only at deployment are accepted */
export function checkProps(props: KerberosSidecarProps): void {
  // JavaScript callers may pass anything.
  const missing = shapeProblems(props);
  if (missing.length > 0) throw new Error(`KerberosSidecar: ${missing.join(' ')}`);
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

/**
 * @throws Error unless it is a task definition to which containers can be added; JavaScript callers may pass anything
 */
export function checkIsTaskDefinition(taskDefinition: TaskDefinition): void {
  const { addContainer, taskDefinitionArn } = (taskDefinition ?? {}) as Partial<TaskDefinition>;
  if (typeof addContainer === 'function') return;
  throw new Error(
    taskDefinitionArn === undefined
      ? `KerberosSidecar: it was added to ${named(taskDefinition)}, but it needs a task definition: call its method addExtension.`
      : 'KerberosSidecar: an imported task definition cannot get another container. Add the sidecar where the task ' +
          'definition is created.',
  );
}

/** @throws Error with the remedy if a sidecar cannot be added to the task definition */
export function checkTaskDefinition(
  taskDefinition: TaskDefinition,
  operatingSystem: string | undefined,
  containerName: string,
): void {
  const { path } = taskDefinition.node;
  if (operatingSystem?.startsWith('WINDOWS')) {
    throw new Error(
      `KerberosSidecar: ${path} runs on Windows (${operatingSystem}), but the sidecar is a Linux container. Windows ` +
        'containers log in with a group managed service account (credential specs) and need none.',
    );
  }
  if (taskDefinition.networkMode === NetworkMode.NONE) {
    throw new Error(
      `KerberosSidecar: ${path} has no network (networkMode none), but the sidecar asks domain controllers for tickets. ` +
        'Give it the network mode awsvpc, bridge or host.',
    );
  }
  if (taskDefinition.node.tryFindChild(containerName)) {
    throw new Error(
      `KerberosSidecar: ${path} has a container ${containerName} already. One sidecar serves all containers that log in ` +
        'to the same SQL Server; one for another server needs another containerName.',
    );
  }
  if (containersOf(taskDefinition).some((container) => container.containerName === containerName)) {
    throw new Error(nameTwice(containerName));
  }
}

/**
 * The containers of a task, wherever in the application they were created: `new ContainerDefinition` accepts any scope.
 */
export function containersOf(taskDefinition: TaskDefinition): ContainerDefinition[] {
  return taskDefinition.node.root.node
    .findAll()
    .filter(
      (found): found is ContainerDefinition =>
        'renderContainerDefinition' in found &&
        'taskDefinition' in found &&
        found.taskDefinition === taskDefinition,
    );
}

/** @throws Error unless it is a container; JavaScript callers may pass anything */
export function checkContainer(method: string, container: ContainerDefinition): void {
  if (
    typeof (container as Partial<ContainerDefinition> | undefined)?.renderContainerDefinition === 'function'
  )
    return;
  throw new Error(
    `KerberosSidecar: ${method} got ${named(container)}, but it needs a container, as addContainer returns it.`,
  );
}

/** @throws Error if the options are not an object, or if one of them is unknown */
export function checkOptions(method: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new Error(
      `KerberosSidecar: ${method} got ${named(options)}, but its options are an object with ${known.join(', ')}.`,
    );
  }
  const unknown = Object.keys(options).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Error(
      `KerberosSidecar: ${method} has no option ${unknown.join(', ')}. Its options: ${known.join(', ')}.`,
    );
  }
}

/** @throws Error unless the service and all peers have connections, from which rules are made */
export function checkPeers(service: IConnectable, peers: Peers): void {
  const connects = (one: unknown) =>
    (one as Partial<IConnectable> | null | undefined)?.connections !== undefined;
  if (!connects(service)) {
    throw new Error(
      `KerberosSidecar: allowTo got ${named(service)}, but it needs an object with security groups: the service that runs ` +
        'the task definition.',
    );
  }
  const { domainControllers, nameServers = [], sqlServer = [], ...others } = peers ?? {};
  checkOptions('allowTo', others, ['domainControllers', 'nameServers', 'sqlServer']);
  for (const [name, value] of Object.entries({ domainControllers, nameServers, sqlServer })) {
    const wrong = [value].flat().find((one) => !connects(one));
    if (value !== undefined && wrong === undefined) continue;
    throw new Error(
      `KerberosSidecar: allowTo got ${named(wrong)} as ${name}, but it needs a Peer or an object with security groups, ` +
        'such as Peer.ipv4("10.0.0.0/16").',
    );
  }
}

/** @throws Error unless it is a list of alarm actions, not longer than CloudWatch allows */
export function checkActions(actions: readonly IAlarmAction[]): void {
  const binds = (one: Partial<IAlarmAction> | null | undefined) => typeof one?.bind === 'function';
  if (!Array.isArray(actions) || !actions.every(binds)) {
    const wrong = Array.isArray(actions) ? actions.find((one) => !binds(one)) : actions;
    throw new Error(
      `KerberosSidecar: addAlarms got ${named(wrong)} as actions, but it needs a list of alarm actions, such as ` +
        '[new SnsAction(topic)].',
    );
  }
  if (actions.length > 5) {
    throw new Error(
      `KerberosSidecar: addAlarms got ${actions.length} actions, but CloudWatch allows at most 5.`,
    );
  }
}

/** @throws Error unless it is a scope without constructs of these ids */
export function checkScope(scope: Construct, ids: readonly string[]): void {
  if (typeof (scope as Partial<Construct> | undefined)?.node?.tryFindChild !== 'function') {
    throw new Error(
      `KerberosSidecar: addAlarms got ${named(scope)}, but it needs a scope, such as the stack.`,
    );
  }
  if (!ids.some((id) => scope.node.tryFindChild(id))) return;
  throw new Error(
    `KerberosSidecar: ${scope.node.path || 'The scope'} already has alarms of a sidecar. Give addAlarms a separate ` +
      'scope: new Construct(this, "ReportAlarms").',
  );
}

/** The CDK appends numbers to the names of its classes. */
function named(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'nothing';
  return `a ${value.constructor?.name.replace(/\d+$/, '') || 'thing'}`;
}

/** @throws Error unless it is a path at which ECS can mount a folder and that Kerberos variables can name */
export function checkMountPath(mountPath: string): void {
  if (Token.isUnresolved(mountPath)) return;
  if (typeof mountPath !== 'string' || !mountPath.startsWith('/') || posix.normalize(mountPath) === '/') {
    throw new Error(
      `KerberosSidecar: mountPath is ${JSON.stringify(mountPath)}, but it must be the absolute path of a folder.`,
    );
  }
  // In a mount, the part after a colon holds options; in KRB5_CONFIG, it is another file.
  if (!/[:\p{Cc}]/u.test(mountPath)) return;
  throw new Error(
    `KerberosSidecar: mountPath is ${JSON.stringify(mountPath)}, but it must be without colons and control characters.`,
  );
}

/** @throws Error if something is already mounted at that path */
export function checkMounts(container: ContainerDefinition, mountPath: string): void {
  if (container.mountPoints.some(({ containerPath }) => samePath(containerPath, mountPath))) {
    throw new Error(
      `KerberosSidecar: ${container.node.path} already has a mount at ${mountPath}. Give serve another ` +
        'mountPath; a container that another sidecar serves cannot be served twice, as Kerberos reads one cache.',
    );
  }
}
