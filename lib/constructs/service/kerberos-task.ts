import { type SidecarEnvironment, userOf } from '@packages/contracts';
import { Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import {
  type ContainerDefinition,
  type ContainerDefinitionOptions,
  ContainerImage,
  CpuArchitecture,
  FargateTaskDefinition,
  OperatingSystemFamily,
} from 'aws-cdk-lib/aws-ecs';
import type { CfnRole } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { healthProgram, KerberosSidecar, lockedDown, logWithoutWaiting } from 'cdk-kerberos-sidecar';
import { Construct } from 'constructs';
import {
  digestOf,
  type Environment,
  type GivenImage,
  type ImageDigests,
  type ImageName,
  imageRepositoryName,
  partsOf,
  type Worker,
} from '../../config/index.ts';
import { acknowledge } from '../common/acknowledge.ts';
import { environmentLogGroup } from '../common/environment-log-group.ts';
import { mayDecryptSecrets } from '../common/secret-key.ts';
import type { EnvironmentContext } from '../common/stage-contract.ts';
import type { SqlServerAddress } from '../database/sql-server-address.ts';
import { DoctorTask } from './doctor-task.ts';
import { signInSpread } from './task-environment.ts';

export interface KerberosTaskProps {
  readonly context: EnvironmentContext;
  readonly images: ImageDigests;
  /** The secret of the directory user. */
  readonly userSecretArn: string;
  readonly sqlServer: SqlServerAddress;
  readonly service: TaskService;
  readonly container: ServiceContainer;
}

/** The settings of a task from its service's configuration. */
interface TaskService
  extends Pick<Worker, 'name' | 'user' | 'cpu' | 'memoryMiB' | 'credentialMode' | 'ticketMode' | 'roles'> {
  /** The service's image, if it is not built here. */
  readonly image?: GivenImage | undefined;
  /** The name of the ECS service or the task family, and the dimension of the ticket metrics. */
  readonly serviceName: string;
  /** How many tasks may start at the same time. */
  readonly maximumTasks: number;
  /** The task family of its doctor. */
  readonly doctorFamily: string;
}

/** The service's own container. */
interface ServiceContainer
  extends Pick<ContainerDefinitionOptions, 'environment' | 'portMappings' | 'secrets' | 'stopTimeout'> {
  /** Whether ECS runs the image's `health.mjs` as a health check. Jobs have none. */
  readonly asksHealth: boolean;
}

const sidecarMemoryMiB = 192;

/**
 * The task of a service: the service's own container, which has no password for SQL Server, and a sidecar that uses the
 * password of the service's directory user to get a Kerberos ticket. The service reads the ticket from a volume that it
 * cannot write.
 */
export class KerberosTask extends Construct {
  readonly definition: FargateTaskDefinition;
  readonly kerberos: KerberosSidecar;
  /** Examines how these tasks reach SQL Server. */
  readonly doctor: DoctorTask;
  /** The log of the service's own container. */
  readonly log: ILogGroup;
  readonly #props: KerberosTaskProps;

  constructor(scope: Construct, id: string, props: KerberosTaskProps) {
    super(scope, id);
    this.#props = props;
    const { context, service } = props;
    const { deployment } = context;
    this.definition = new FargateTaskDefinition(this, 'Definition', {
      family: service.serviceName,
      cpu: service.cpu,
      memoryLimitMiB: service.memoryMiB,
      runtimePlatform: {
        operatingSystemFamily: OperatingSystemFamily.LINUX,
        cpuArchitecture:
          deployment.images.architecture === 'arm64' ? CpuArchitecture.ARM64 : CpuArchitecture.X86_64,
      },
    });
    this.#onlyForTasksOfThisAccount();
    this.kerberos = this.#kerberos();
    this.definition.addExtension(this.kerberos);
    // Changes the task definition with the user: tasks read name and password only when they start.
    this.kerberos.container.addDockerLabel('directory-user', service.user.name);
    this.#mayDecrypt();
    this.log = this.#log(service.name);
    const served = this.#container();
    this.kerberos.serve(served);
    this.doctor = new DoctorTask(this, 'Doctor', {
      family: service.doctorFamily,
      ...{ task: this.definition, sidecar: this.kerberos.container, served },
      roles: service.roles,
    });
    acknowledge(this.definition, {
      ECS2: 'Names and addresses alone: the password comes as a secret, to the sidecar only.',
    });
    acknowledge(this.definition.obtainExecutionRole(), {
      'IAM5[Resource::*]':
        'ecr:GetAuthorizationToken, with which ECS signs in to the registry, has no resource level.',
    });
  }

  /**
   * Lets ECS assume the task role only for tasks of this account. The CDK's role has no such condition.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
   */
  #onlyForTasksOfThisAccount(): void {
    const { account, region } = Stack.of(this);
    const role = this.definition.taskRole.node.defaultChild as CfnRole;
    role.addPropertyOverride('AssumeRolePolicyDocument.Statement.0.Condition', {
      StringEquals: { 'aws:SourceAccount': account },
      ArnLike: { 'aws:SourceArn': `arn:aws:ecs:${region}:${account}:*` },
    });
  }

  #kerberos(): KerberosSidecar {
    const { context, userSecretArn, sqlServer, service } = this.#props;
    const { environment } = context;
    return new KerberosSidecar({
      domain: environment.domain.name,
      user: Secret.fromSecretCompleteArn(this, 'DirectoryUser', userSecretArn),
      sqlServer: { host: sqlServer.host, spn: sqlServer.spn },
      image: this.#image('sidecar'),
      containerName: 'sidecar',
      volumes: { published: 'shared', private: 'sidecar-private' },
      memoryLimitMiB: sidecarMemoryMiB,
      logging: logWithoutWaiting(this.#log('sidecar'), 'sidecar'),
      ticketMode: service.ticketMode,
      credentials: service.credentialMode,
      signInSpread: signInSpread(service.maximumTasks),
      serviceName: service.serviceName,
      environment: controllersByName(environment),
    });
  }

  /** Grants use of a customer managed key to the role that reads the secret; the CDK does not do so for imported secrets. */
  #mayDecrypt(): void {
    const { user, credentialMode } = this.#props.service;
    const { kmsKeyArn } = user;
    if (kmsKeyArn === undefined) return;
    const fetched = credentialMode === 'fetched';
    const role = fetched ? this.definition.taskRole : this.definition.obtainExecutionRole();
    role.addToPrincipalPolicy(mayDecryptSecrets(kmsKeyArn));
  }

  #container(): ContainerDefinition {
    const { service, container } = this.#props;
    const { asksHealth, ...options } = container;
    const { name } = service;
    return this.definition.addContainer(name, {
      containerName: name,
      image: service.image ? this.#imageOfOthers(service.image) : this.#image(name),
      // Every service runs as web's user, whose group owns the files that the sidecar publishes.
      user: userOf('web'),
      ...lockedDown(this, name),
      ...(asksHealth && { healthCheck: healthProgram }),
      logging: logWithoutWaiting(this.log, name),
      essential: true,
      memoryLimitMiB: service.memoryMiB - sidecarMemoryMiB,
      ...options,
    });
  }

  #log(name: ImageName): ILogGroup {
    return environmentLogGroup(this, `${name}-log`, this.#props.context.environment);
  }

  #imageOfOthers(given: GivenImage): ContainerImage {
    const { repository: repositoryName, repositoryArn, digest } = partsOf(given);
    const repository = Repository.fromRepositoryAttributes(this, 'given-repository', {
      repositoryName,
      repositoryArn,
    });
    return ContainerImage.fromEcrRepository(repository, digest);
  }

  #image(name: ImageName): ContainerImage {
    const { deployment, environment } = this.#props.context;
    const repositoryName = imageRepositoryName(deployment, name);
    const repository = Repository.fromRepositoryAttributes(this, `${name}-repository`, {
      repositoryName,
      repositoryArn: `arn:aws:ecr:${environment.region}:${deployment.tools.account}:repository/${repositoryName}`,
    });
    return ContainerImage.fromEcrRepository(repository, digestOf(this.#props.images, name));
  }
}

/**
 * The KDCs that the configuration names, of the user's domain and of SQL Server's; if it names none, DNS finds them.
 */
function controllersByName({ directory, database, trusted }: Environment): Record<string, string> {
  const own = directory.type === 'new' ? undefined : directory.kdcs;
  const serverDomain = database.type === 'new' ? undefined : database.domain;
  const others = trusted.find(({ name }) => name === serverDomain)?.kdcs;
  return {
    ...(own && { DIRECTORY_KDCS: own.join(',') }),
    ...(others && { SQL_REALM_KDCS: others.join(',') }),
  } satisfies Partial<SidecarEnvironment>;
}
