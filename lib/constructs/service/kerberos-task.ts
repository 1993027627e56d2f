import { type SidecarEnvironment, sidecarFolders, userOf, webPort } from '@packages/contracts';
import { Duration, Size } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import {
  AwsLogDriverMode,
  Capability,
  type ContainerDefinition,
  type ContainerDefinitionOptions,
  ContainerDependencyCondition,
  ContainerImage,
  Secret as ContainerSecret,
  CpuArchitecture,
  FargateTaskDefinition,
  LinuxParameters,
  LogDriver,
  OperatingSystemFamily,
} from 'aws-cdk-lib/aws-ecs';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { type ImageDigests, type ImageName, imageRepositoryName, namesOf } from '../../config/index.ts';
import { acknowledge } from '../common/acknowledge.ts';
import { environmentLogGroup } from '../common/environment-log-group.ts';
import type { Place } from '../common/stage-contract.ts';
import { shutdownTimes } from './shutdown-times.ts';
import { sidecarEnvironment, webEnvironment } from './task-environment.ts';

export interface KerberosTaskProps {
  readonly place: Place;
  readonly images: ImageDigests;
  /** The secret of the directory user. */
  readonly userSecretArn: string;
  /** The name that the certificate of SQL Server bears: the RDS endpoint. */
  readonly sqlServerTlsName: string;
}

const sidecarMemoryMiB = 192;

/**
 * The task: a web container that holds no credentials, and a sidecar that turns the directory user's password into
 * a Kerberos ticket for SQL Server, handed over in a folder that web can only read.
 */
export class KerberosTask extends Construct {
  readonly definition: FargateTaskDefinition;
  readonly web: ContainerDefinition;
  /** What web writes. */
  readonly webLog: ILogGroup;
  readonly #props: KerberosTaskProps;

  constructor(scope: Construct, id: string, props: KerberosTaskProps) {
    super(scope, id);
    this.#props = props;
    const { deployment, environment } = props.place;
    this.definition = new FargateTaskDefinition(this, 'Definition', {
      family: namesOf(deployment, environment).serviceName,
      cpu: environment.service.cpu,
      memoryLimitMiB: environment.service.memoryMiB,
      runtimePlatform: {
        operatingSystemFamily: OperatingSystemFamily.LINUX,
        cpuArchitecture:
          deployment.images.architecture === 'arm64' ? CpuArchitecture.ARM64 : CpuArchitecture.X86_64,
      },
      volumes: [{ name: 'shared' }, { name: 'sidecar-private' }],
    });
    const sidecar = this.#sidecar();
    this.webLog = this.#log('web');
    this.web = this.#web();
    this.web.addContainerDependencies({
      container: sidecar,
      condition: ContainerDependencyCondition.HEALTHY,
    });
    acknowledge(this.definition, {
      ECS2: 'Names and addresses alone: the password comes as a secret, to the sidecar only.',
    });
    acknowledge(this.definition.obtainExecutionRole(), {
      'IAM5[Resource::*]':
        'ecr:GetAuthorizationToken, with which ECS signs in to the registry, has no resource level.',
    });
  }

  #sidecar(): ContainerDefinition {
    const { place, userSecretArn } = this.#props;
    const secret = Secret.fromSecretCompleteArn(this, 'DirectoryUser', userSecretArn);
    const fetched = place.environment.service.credentialMode === 'fetched';
    // All containers of a task share its role, so only what ECS injects stays out of web's reach.
    if (fetched) secret.grantRead(this.definition.taskRole);
    const sidecar = this.#container('sidecar', this.#log('sidecar'), {
      essential: false,
      memoryLimitMiB: sidecarMemoryMiB,
      enableRestartPolicy: true,
      restartAttemptPeriod: Duration.seconds(60),
      stopTimeout: Duration.seconds(shutdownTimes.sidecarStop),
      // Read with the password, when a task starts: another user means other tasks.
      dockerLabels: { 'directory-user': place.deployment.domain.user },
      environment: {
        ...sidecarEnvironment(place),
        ...(fetched && ({ CREDENTIALS_SECRET_ARN: userSecretArn } satisfies Partial<SidecarEnvironment>)),
      },
      ...(!fetched && {
        secrets: {
          CREDENTIALS: ContainerSecret.fromSecretsManager(secret),
        } satisfies Partial<Record<keyof SidecarEnvironment, ContainerSecret>>,
      }),
    });
    sidecar.addMountPoints(
      { sourceVolume: 'shared', containerPath: sidecarFolders.shared, readOnly: false },
      { sourceVolume: 'sidecar-private', containerPath: sidecarFolders.private, readOnly: false },
    );
    return sidecar;
  }

  #web(): ContainerDefinition {
    const { place, sqlServerTlsName } = this.#props;
    const web = this.#container('web', this.webLog, {
      essential: true,
      memoryLimitMiB: place.environment.service.memoryMiB - sidecarMemoryMiB,
      portMappings: [{ name: 'http', containerPort: webPort }],
      stopTimeout: Duration.seconds(shutdownTimes.webStop),
      environment: webEnvironment(place, sqlServerTlsName),
    });
    web.addMountPoints({ sourceVolume: 'shared', containerPath: sidecarFolders.shared, readOnly: true });
    return web;
  }

  /** What both containers have in common: no root, no capability, nothing to write to but volumes. */
  #container(
    name: ImageName,
    logGroup: ILogGroup,
    options: Omit<ContainerDefinitionOptions, 'image'>,
  ): ContainerDefinition {
    const { images } = this.#props;
    return this.definition.addContainer(name, {
      containerName: name,
      image: ContainerImage.fromEcrRepository(this.#repository(name), images[name]),
      user: userOf(name),
      readonlyRootFilesystem: true,
      linuxParameters: this.#withoutCapabilities(name),
      healthCheck: {
        command: ['CMD', 'node', 'health.mjs'],
        interval: Duration.seconds(10),
        timeout: Duration.seconds(5),
        retries: 3,
        startPeriod: Duration.seconds(30),
      },
      logging: LogDriver.awsLogs({
        logGroup,
        streamPrefix: name,
        // A log that cannot be written must not stop requests.
        mode: AwsLogDriverMode.NON_BLOCKING,
        maxBufferSize: Size.mebibytes(4),
      }),
      ...options,
    });
  }

  #log(name: ImageName): ILogGroup {
    return environmentLogGroup(this, `${name}-log`, this.#props.place.environment);
  }

  #withoutCapabilities(name: ImageName): LinuxParameters {
    const parameters = new LinuxParameters(this, `${name}-linux`);
    parameters.dropCapabilities(Capability.ALL);
    return parameters;
  }

  #repository(name: ImageName) {
    const { deployment, environment } = this.#props.place;
    const repositoryName = imageRepositoryName(deployment, name);
    return Repository.fromRepositoryAttributes(this, `${name}-repository`, {
      repositoryName,
      repositoryArn: `arn:aws:ecr:${environment.region}:${deployment.tools.account}:repository/${repositoryName}`,
    });
  }
}
