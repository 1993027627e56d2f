import { sidecarFolders, userOf } from '@packages/contracts';
import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { type IConnectable, Port } from 'aws-cdk-lib/aws-ec2';
import {
  type CfnTaskDefinition,
  type ContainerDefinition,
  ContainerDependencyCondition,
  Secret as ContainerSecret,
  type ITaskDefinitionExtension,
  type LogDriver,
  type TaskDefinition,
} from 'aws-cdk-lib/aws-ecs';
import { Grant, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { containerProblems, memoryProblems, tooMany, volumeProblems } from './check-containers.ts';
import { waitProblems } from './check-waits.ts';
import {
  checkActions,
  checkContainer,
  checkIsTaskDefinition,
  checkMountPath,
  checkMounts,
  checkOptions,
  checkPeers,
  checkProps,
  checkScope,
  checkTaskDefinition,
  containersOf,
} from './checks.ts';
import { healthProgram, lockedDown, logWithoutWaiting } from './container-options.ts';
import { type TicketAlarmName, ticketAlarms } from './monitoring/ticket-alarms.ts';
import { type TicketMetrics, ticketMetricsOf } from './monitoring/ticket-metrics.ts';
import { packagedImage } from './packaged-image.ts';
import type { AlarmOptions, KerberosSidecarProps, Peers, ServeOptions } from './props.ts';
import { injectedAs, kerberosVariables, sidecarEnvironment } from './sidecar-environment.ts';
import { portOf } from './spn.ts';

/**
 * The containers that any sidecar serves, or that are left out on purpose. Shared, because a task may have sidecars for
 * two servers.
 */
const settled = new WeakSet<ContainerDefinition>();

/** The name of the sidecar that serves a container. */
const serverOf = new WeakMap<ContainerDefinition, string>();

const sidecarsOf = new WeakMap<TaskDefinition, readonly KerberosSidecar[]>();

/**
 * A container that turns a directory user's password into a Kerberos ticket for SQL Server, for the other containers of
 * its task. They see neither the password nor (in mode `service-ticket`) the ticket-granting ticket:
 *
 * ```ts
 * taskDefinition.addExtension(kerberos);
 * kerberos.serve(container);
 * kerberos.allowTo(service, { domainControllers: Peer.ipv4('10.0.0.0/16') });
 * ```
 */
export class KerberosSidecar implements ITaskDefinitionExtension {
  readonly #props: KerberosSidecarProps;
  /** The served containers, each with the path of its ticket folder. */
  readonly #served = new Map<ContainerDefinition, string>();
  #added: { readonly to: TaskDefinition; readonly container: ContainerDefinition } | undefined;

  /** @throws Error with a sentence for each wrong property */
  constructor(props: KerberosSidecarProps) {
    checkProps(props);
    this.#props = props;
  }

  /**
   * Adds the sidecar and its volumes. Called by `taskDefinition.addExtension`. Repeated calls for the same task
   * definition have no effect.
   *
   * @throws Error if the sidecar is already part of another task definition, or if the task definition is imported,
   *   runs on Windows, has no network, or has a container of that name
   */
  extend(taskDefinition: TaskDefinition): void {
    checkIsTaskDefinition(taskDefinition);
    if (this.#added?.to === taskDefinition) return;
    if (this.#added) {
      throw new Error(
        `KerberosSidecar: it is already part of ${this.#added.to.node.path}. Create another one for ${taskDefinition.node.path}.`,
      );
    }
    const platform = platformOf(taskDefinition);
    checkTaskDefinition(taskDefinition, platform.operatingSystemFamily, this.#containerName);
    this.#added = { to: taskDefinition, container: this.#addTo(taskDefinition, platform.cpuArchitecture) };
    this.#checkMetrics(taskDefinition);
    taskDefinition.node.addValidation({
      validate: () => {
        const containers = containersOf(taskDefinition);
        const others = containers.filter((container) => container !== this.container);
        const { memory, volumes } = taskDefinition.node.defaultChild as CfnTaskDefinition;
        const inTemplate: { name?: string }[] | undefined = Stack.of(taskDefinition).resolve(volumes);
        const own = this.#volumes;
        return [
          ...containerProblems(others, {
            sidecar: this.container,
            served: this.#served,
            settled,
            volumes: own,
          }),
          ...waitProblems(containers),
          ...tooMany(containers),
          ...memoryProblems(containers, memory),
          ...volumeProblems(inTemplate?.map(({ name }) => name) ?? [], [own.published, own.private]),
        ];
      },
    });
  }

  /** The sidecar's container. @throws Error before it is added to a task definition */
  get container(): ContainerDefinition {
    return this.#addedTo().container;
  }

  /** The value of the metrics' dimension `Service`. @throws Error before it is added to a task definition */
  get serviceName(): string {
    return this.#props.serviceName ?? this.#addedTo().to.family;
  }

  /**
   * Gives a container of the same task access to the ticket: a read-only folder, the variables of Kerberos
   * (`KRB5_CONFIG`, `KRB5CCNAME`; `TICKET_STATUS_FILE`), and a start that waits for the first ticket. Repeated calls
   * have no effect.
   *
   * @throws Error if the sidecar is not in the container's task, something else is mounted there, or another sidecar
   *   serves the container
   */
  serve(container: ContainerDefinition, options: ServeOptions = {}): void {
    const { to, container: sidecar } = this.#addedTo();
    checkContainer('serve', container);
    checkOptions('serve', options, ['mountPath']);
    const { mountPath = sidecarFolders.shared } = options;
    if (container.taskDefinition !== to || container === sidecar) {
      throw new Error(
        `KerberosSidecar: ${container.node.path} is not another container of ${to.node.path}, the task of the sidecar.`,
      );
    }
    if (this.#served.has(container)) return;
    checkMountPath(mountPath);
    checkMounts(container, mountPath);
    const other = serverOf.get(container);
    if (other !== undefined) {
      throw new Error(
        `KerberosSidecar: ${container.node.path} is already served by the sidecar ${other}, and Kerberos reads only one cache. ` +
          'Let another container log in to the other server.',
      );
    }
    this.#served.set(container, mountPath);
    serverOf.set(container, this.#containerName);
    settled.add(container);
    container.addMountPoints({
      sourceVolume: this.#volumes.published,
      containerPath: mountPath,
      readOnly: true,
    });
    for (const [name, value] of Object.entries(kerberosVariables(mountPath))) {
      container.addEnvironment(name, value);
    }
    container.addContainerDependencies({
      container: sidecar,
      condition: ContainerDependencyCondition.HEALTHY,
    });
  }

  /** Declares that an essential container needs no ticket. */
  leaveOut(container: ContainerDefinition): void {
    checkContainer('leaveOut', container);
    settled.add(container);
  }

  /**
   * Allows outbound traffic from a service (or any object with its security groups) to the servers that the task uses.
   *
   * @throws Error if the service has no security groups (a task definition has none), or if a peer is not one
   */
  allowTo(service: IConnectable, peers: Peers): void {
    checkPeers(service, peers);
    const { connections } = service;
    const { sqlServer, domainControllers, nameServers } = peers;
    for (const server of [sqlServer ?? []].flat()) {
      connections.allowTo(server, Port.tcp(portOf(this.#props.sqlServer)), 'Queries');
    }
    for (const server of [nameServers ?? domainControllers].flat()) {
      for (const port of [Port.udp(53), Port.tcp(53)]) connections.allowTo(server, port, 'DNS');
    }
    for (const controller of [domainControllers].flat()) {
      for (const port of [Port.udp(88), Port.tcp(88)]) connections.allowTo(controller, port, 'Kerberos');
    }
  }

  /** Metrics about the sidecar's tickets, for graphs and alarms. */
  get metrics(): TicketMetrics {
    return ticketMetricsOf(this.serviceName, this.#props.metricsNamespace);
  }

  /**
   * Adds an alarm for each problem that can make a ticket fail.
   *
   * @throws Error if the scope already has the alarms of another sidecar, or if the actions are not a list of alarm
   *   actions
   */
  addAlarms(scope: Construct, options: AlarmOptions = {}): Record<TicketAlarmName, Alarm> {
    const { metrics } = this;
    checkScope(scope, Object.keys(ticketAlarms));
    checkOptions('addAlarms', options, ['actions']);
    const { actions = [] } = options;
    checkActions(actions);
    const alarms = Object.entries(ticketAlarms).map(([id, { metric, description, threshold, ...alarm }]) => {
      const made = new Alarm(scope, id, {
        metric: metrics[metric],
        alarmDescription: `${this.serviceName}: ${description}`,
        threshold,
        comparisonOperator: alarm.comparison ?? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluationPeriods: alarm.periods,
        treatMissingData: alarm.missingData ?? TreatMissingData.NOT_BREACHING,
      });
      made.addAlarmAction(...actions);
      made.addOkAction(...actions);
      return [id, made];
    });
    return Object.fromEntries(alarms);
  }

  /** @throws Error if another sidecar of the task sends the same metrics */
  #checkMetrics(taskDefinition: TaskDefinition): void {
    const { serviceName } = this;
    const { metricsNamespace } = this.#props;
    const others = sidecarsOf.get(taskDefinition) ?? [];
    sidecarsOf.set(taskDefinition, [...others, this]);
    const same = others.find(
      (other) => other.serviceName === serviceName && other.#props.metricsNamespace === metricsNamespace,
    );
    if (!same) return;
    throw new Error(
      `KerberosSidecar: the sidecars ${same.#containerName} and ${this.#containerName} of ${taskDefinition.node.path} would ` +
        'send the same metrics, so the ticket of one would hide that the other has none. Give one a serviceName.',
    );
  }

  get #containerName(): string {
    return this.#props.containerName ?? 'kerberos';
  }

  get #volumes() {
    const name = this.#containerName;
    return this.#props.volumes ?? { published: `${name}-published`, private: `${name}-private` };
  }

  #addTo(taskDefinition: TaskDefinition, architecture: string | undefined): ContainerDefinition {
    const { user, credentials, image, logging, memoryLimitMiB = 192 } = this.#props;
    const volumes = this.#volumes;
    for (const name of [volumes.published, volumes.private]) taskDefinition.addVolume({ name });
    // All containers of a task share its role, so only a secret that ECS injects stays out of the others' reach.
    if (credentials === 'fetched') {
      Grant.addToPrincipal({ grantee: taskDefinition.taskRole, ...readingOf(user) });
    }
    if (user.encryptionKey) {
      const reader =
        credentials === 'fetched' ? taskDefinition.taskRole : taskDefinition.obtainExecutionRole();
      allowDecrypt(reader, user.encryptionKey);
    }
    const name = this.#containerName;
    const sidecar = taskDefinition.addContainer(name, {
      containerName: name,
      image: image ?? packagedImage(architecture),
      user: userOf('sidecar'),
      ...lockedDown(taskDefinition, name),
      healthCheck: healthProgram,
      logging: logging ?? defaultLogging(taskDefinition, name),
      // If the sidecar fails, existing tickets still work while ECS restarts it.
      essential: false,
      memoryLimitMiB,
      enableRestartPolicy: true,
      restartAttemptPeriod: Duration.seconds(60),
      stopTimeout: Duration.seconds(10),
      environment: sidecarEnvironment(this.#props, this.#props.serviceName ?? taskDefinition.family),
      ...(credentials !== 'fetched' && {
        secrets: { [injectedAs]: injected(user, taskDefinition) },
      }),
    });
    sidecar.addMountPoints(
      { sourceVolume: volumes.published, containerPath: sidecarFolders.shared, readOnly: false },
      { sourceVolume: volumes.private, containerPath: sidecarFolders.private, readOnly: false },
    );
    return sidecar;
  }

  #addedTo() {
    if (!this.#added) {
      throw new Error(
        'KerberosSidecar: it is in no task yet. Call taskDefinition.addExtension(kerberos) first.',
      );
    }
    return this.#added;
  }
}

function defaultLogging(taskDefinition: TaskDefinition, name: string): LogDriver {
  const logGroup = new LogGroup(taskDefinition, `${name}-log`, { retention: RetentionDays.ONE_MONTH });
  return logWithoutWaiting(logGroup, name);
}

/**
 * The secret as ECS injects it. The CDK would also grant access in the policy of the secret's key. If the key is in
 * another stack of the account, the two stacks would then depend on each other. The role's own permissions are enough
 * in that case.
 */
function injected(user: ISecret, taskDefinition: TaskDefinition): ContainerSecret {
  const secret = ContainerSecret.fromSecretsManager(user);
  const stack = Stack.of(taskDefinition);
  if (user.stack === stack || user.env.account !== stack.account) return secret;
  return { ...secret, grantRead: (grantee) => Grant.addToPrincipal({ grantee, ...readingOf(user) }) };
}

function readingOf({ secretArn }: ISecret) {
  return { actions: ['secretsmanager:GetSecretValue'], resourceArns: [secretArn] };
}

/**
 * The CDK grants a secret's reader the use of its key in the key policy only, which it cannot change for an imported
 * key.
 */
function allowDecrypt(reader: IRole, key: IKey): void {
  reader.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ['kms:Decrypt'],
      resources: [key.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${key.env.region}.amazonaws.com` } },
    }),
  );
}

/**
 * Read from the template, because some CDK versions have no property for it. Uses Fargate's default if it is not set.
 */
function platformOf(taskDefinition: TaskDefinition): {
  cpuArchitecture?: string;
  operatingSystemFamily?: string;
} {
  const resource = taskDefinition.node.defaultChild as CfnTaskDefinition | undefined;
  const fargate = taskDefinition.isFargateCompatible ? { cpuArchitecture: 'X86_64' } : {};
  return { ...fargate, ...(resource?.runtimePlatform as object | undefined) };
}
