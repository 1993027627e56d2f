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

/** The containers that a sidecar serves, or that are meant to be left out: a task may have sidecars for two servers. */
const settled = new WeakSet<ContainerDefinition>();

/** The name of the sidecar that serves a container. */
const serverOf = new WeakMap<ContainerDefinition, string>();

const sidecarsOf = new WeakMap<TaskDefinition, readonly KerberosSidecar[]>();

/**
 * A container that turns a directory user's password into a Kerberos ticket for SQL Server, for the other containers of
 * its task, which see neither the password nor (in mode `service-ticket`) the ticket-granting ticket:
 *
 * ```ts
 * taskDefinition.addExtension(kerberos);
 * kerberos.serve(container);
 * kerberos.allowTo(service, { domainControllers: Peer.ipv4('10.0.0.0/16') });
 * ```
 */
export class KerberosSidecar implements ITaskDefinitionExtension {
  readonly #props: KerberosSidecarProps;
  /** And where each finds the ticket. */
  readonly #served = new Map<ContainerDefinition, string>();
  #added: { readonly to: TaskDefinition; readonly container: ContainerDefinition } | undefined;

  /** @throws Error with a sentence for each wrong property */
  constructor(props: KerberosSidecarProps) {
    checkProps(props);
    this.#props = props;
  }

  /**
   * Adds the sidecar and its volumes: what `taskDefinition.addExtension` calls. A second time it does nothing.
   *
   * @throws Error when the task definition is another than the first time, is imported, runs on Windows, has no network,
   *   or has a container of that name
   */
  extend(taskDefinition: TaskDefinition): void {
    checkIsTaskDefinition(taskDefinition);
    if (this.#added?.to === taskDefinition) return;
    if (this.#added) {
      throw new Error(
        `KerberosSidecar: it is part of ${this.#added.to.node.path} already. Make another one for ${taskDefinition.node.path}.`,
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

  /** The sidecar. @throws Error before it was added to a task definition */
  get container(): ContainerDefinition {
    return this.#addedTo().container;
  }

  /** The value of its metrics' dimension `Service`. @throws Error before it was added to a task definition */
  get serviceName(): string {
    return this.#props.serviceName ?? this.#addedTo().to.family;
  }

  /**
   * Lets a container of the same task read the ticket: a read-only folder, the variables of Kerberos (`KRB5_CONFIG`,
   * `KRB5CCNAME`; `TICKET_STATUS_FILE`), and a start that waits for the first ticket. A second time it does nothing.
   *
   * @throws Error when the sidecar is not in the container's task, something else is mounted there, or another sidecar
   *   serves the container
   */
  serve(container: ContainerDefinition, options: ServeOptions = {}): void {
    const { to, container: sidecar } = this.#addedTo();
    checkContainer('serve', container);
    checkOptions('serve', options, ['mountPath']);
    const { mountPath = sidecarFolders.shared } = options;
    if (container.taskDefinition !== to || container === sidecar) {
      throw new Error(
        `KerberosSidecar: ${container.node.path} is no other container of ${to.node.path}, which the sidecar is part of.`,
      );
    }
    if (this.#served.has(container)) return;
    checkMountPath(mountPath);
    checkMounts(container, mountPath);
    const other = serverOf.get(container);
    if (other !== undefined) {
      throw new Error(
        `KerberosSidecar: ${container.node.path} is served by the sidecar ${other} already, and Kerberos reads one cache. ` +
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

  /** Says that an essential container is meant to get no ticket. */
  leaveOut(container: ContainerDefinition): void {
    checkContainer('leaveOut', container);
    settled.add(container);
  }

  /**
   * Lets a service, or whatever has its security groups, out to what the task talks to.
   *
   * @throws Error when it has no security groups, as a task definition, or a peer is none
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

  /** What it tells about its tickets, for graphs and alarms. */
  get metrics(): TicketMetrics {
    return ticketMetricsOf(this.serviceName, this.#props.metricsNamespace);
  }

  /**
   * An alarm for each way in which a ticket can be about to fail.
   *
   * @throws Error when those of another sidecar are in the scope, or the actions are none
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

  /** @throws Error when another sidecar of the task sends the same metrics */
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
        'send the same metrics, so that the ticket of one would hide that the other has none. Give one a serviceName.',
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
    // All containers of a task share its role, so only what ECS injects stays out of the others' reach.
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
      // Without it, tickets in hand still serve; it is started again.
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
 * The secret as ECS injects it. The CDK would let the role in on the side of the secret's key, too; when that is in another
 * stack of the account, the two stacks would then need each other. A role's own rights are enough there.
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

/** The CDK lets a secret's reader use its key by the key's policy alone, which it cannot change when the key is imported. */
function allowDecrypt(reader: IRole, key: IKey): void {
  reader.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ['kms:Decrypt'],
      resources: [key.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${key.env.region}.amazonaws.com` } },
    }),
  );
}

/** As the template has it, since not every version of the CDK has a property for it; Fargate's default if left out. */
function platformOf(taskDefinition: TaskDefinition): {
  cpuArchitecture?: string;
  operatingSystemFamily?: string;
} {
  const resource = taskDefinition.node.defaultChild as CfnTaskDefinition | undefined;
  const fargate = taskDefinition.isFargateCompatible ? { cpuArchitecture: 'X86_64' } : {};
  return { ...fargate, ...(resource?.runtimePlatform as object | undefined) };
}
