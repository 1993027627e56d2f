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
/** The last label of an address is a number. */
const domainName = new RegExp(`^(?=.{1,253}$)(${label}\\.)+(?!\\d+$)${label}$`);
const hostLabel = '[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?';
const servicePrincipal = new RegExp(
  `^MSSQLSvc/${hostLabel}(\\.${hostLabel})+(:(\\d{1,5}|[A-Za-z][A-Za-z0-9_$#]*))?(@${hostLabel}(\\.${hostLabel})*)?$`,
);

/** @throws Error with a sentence for each wrong property; values that are known at deployment only are let through */
export function checkProps(props: KerberosSidecarProps): void {
  // Without types, as in JavaScript, anything may come.
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

/** @throws Error when it is none that containers can be added to: without types, as in JavaScript, anything may come */
export function checkIsTaskDefinition(taskDefinition: TaskDefinition): void {
  const { addContainer, taskDefinitionArn } = (taskDefinition ?? {}) as Partial<TaskDefinition>;
  if (typeof addContainer === 'function') return;
  throw new Error(
    taskDefinitionArn === undefined
      ? `KerberosSidecar: it is added to ${named(taskDefinition)}, but it takes a task definition: call addExtension of one.`
      : 'KerberosSidecar: an imported task definition cannot get another container. Add the sidecar where the task ' +
          'definition is made.',
  );
}

/** @throws Error when a sidecar cannot be added to it, with what to do */
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

/** The containers of a task, wherever in the application they were made: `new ContainerDefinition` takes any scope. */
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

/** @throws Error when it is no container: without types, as in JavaScript, anything may come */
export function checkContainer(method: string, container: ContainerDefinition): void {
  if (
    typeof (container as Partial<ContainerDefinition> | undefined)?.renderContainerDefinition === 'function'
  )
    return;
  throw new Error(
    `KerberosSidecar: ${method} is given ${named(container)}, but it takes a container: what addContainer returns.`,
  );
}

/** @throws Error when options are none, or have a name that there is not */
export function checkOptions(method: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new Error(
      `KerberosSidecar: ${method} is given ${named(options)}, but its options are an object with ${known.join(', ')}.`,
    );
  }
  const unknown = Object.keys(options).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Error(
      `KerberosSidecar: ${method} has no option ${unknown.join(', ')}: there is ${known.join(', ')}.`,
    );
  }
}

/** @throws Error when something has no connections, of which rules are made */
export function checkPeers(service: IConnectable, peers: Peers): void {
  const connects = (one: unknown) =>
    (one as Partial<IConnectable> | null | undefined)?.connections !== undefined;
  if (!connects(service)) {
    throw new Error(
      `KerberosSidecar: allowTo is given ${named(service)}, but it takes what has security groups: the service that runs ` +
        'the task definition.',
    );
  }
  const { domainControllers, nameServers = [], sqlServer = [], ...others } = peers ?? {};
  checkOptions('allowTo', others, ['domainControllers', 'nameServers', 'sqlServer']);
  for (const [name, value] of Object.entries({ domainControllers, nameServers, sqlServer })) {
    const wrong = [value].flat().find((one) => !connects(one));
    if (value !== undefined && wrong === undefined) continue;
    throw new Error(
      `KerberosSidecar: allowTo is given ${named(wrong)} as ${name}, but it takes a Peer or what has security groups, ` +
        'such as Peer.ipv4("10.0.0.0/16").',
    );
  }
}

/** @throws Error when they are no list of what the CDK binds to an alarm, or more than an alarm takes */
export function checkActions(actions: readonly IAlarmAction[]): void {
  const binds = (one: Partial<IAlarmAction> | null | undefined) => typeof one?.bind === 'function';
  if (!Array.isArray(actions) || !actions.every(binds)) {
    const wrong = Array.isArray(actions) ? actions.find((one) => !binds(one)) : actions;
    throw new Error(
      `KerberosSidecar: addAlarms is given ${named(wrong)} as actions, but it takes a list of alarm actions, such as ` +
        '[new SnsAction(topic)].',
    );
  }
  if (actions.length > 5) {
    throw new Error(
      `KerberosSidecar: addAlarms is given ${actions.length} actions, but CloudWatch takes at most 5.`,
    );
  }
}

/** @throws Error when constructs of these ids are in it already */
export function checkScope(scope: Construct, ids: readonly string[]): void {
  if (typeof (scope as Partial<Construct> | undefined)?.node?.tryFindChild !== 'function') {
    throw new Error(
      `KerberosSidecar: addAlarms is given ${named(scope)}, but it takes a scope, such as the stack.`,
    );
  }
  if (!ids.some((id) => scope.node.tryFindChild(id))) return;
  throw new Error(
    `KerberosSidecar: ${scope.node.path || 'The scope'} has alarms of a sidecar already. Give addAlarms a scope of their ` +
      'own: new Construct(this, "ReportAlarms").',
  );
}

/** The CDK numbers the names of its classes. */
function named(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'nothing';
  return `a ${value.constructor?.name.replace(/\d+$/, '') || 'thing'}`;
}

/** @throws Error when it is no place where ECS mounts a folder, or none that Kerberos could be told of */
export function checkMountPath(mountPath: string): void {
  if (Token.isUnresolved(mountPath)) return;
  if (typeof mountPath !== 'string' || !mountPath.startsWith('/') || posix.normalize(mountPath) === '/') {
    throw new Error(
      `KerberosSidecar: mountPath is ${JSON.stringify(mountPath)}, but it must be the absolute path of a folder.`,
    );
  }
  // Of a mount, what is behind a colon are its options, and of KRB5_CONFIG it is another file.
  if (!/[:\p{Cc}]/u.test(mountPath)) return;
  throw new Error(
    `KerberosSidecar: mountPath is ${JSON.stringify(mountPath)}, but it must be without colons and control characters.`,
  );
}

/** @throws Error when something is mounted at that path already */
export function checkMounts(container: ContainerDefinition, mountPath: string): void {
  if (container.mountPoints.some(({ containerPath }) => samePath(containerPath, mountPath))) {
    throw new Error(
      `KerberosSidecar: ${container.node.path} has something mounted at ${mountPath} already. Give serve another ` +
        'mountPath; a container that another sidecar serves cannot be served twice, as Kerberos reads one cache.',
    );
  }
}
