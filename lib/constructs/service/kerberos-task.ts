import { type SidecarEnvironment, userOf, webPort } from '@packages/contracts';
import { Duration, Size } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import {
  AwsLogDriverMode,
  Capability,
  type ContainerDefinition,
  ContainerImage,
  CpuArchitecture,
  FargateTaskDefinition,
  LinuxParameters,
  LogDriver,
  OperatingSystemFamily,
} from 'aws-cdk-lib/aws-ecs';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { KerberosSidecar } from 'cdk-kerberos-sidecar';
import { Construct } from 'constructs';
import {
  directoryUserOf,
  type Environment,
  type ImageDigests,
  type ImageName,
  imageRepositoryName,
  namesOf,
} from '../../config/index.ts';
import { acknowledge } from '../common/acknowledge.ts';
import { environmentLogGroup } from '../common/environment-log-group.ts';
import { mayDecryptSecrets } from '../common/secret-key.ts';
import type { Place } from '../common/stage-contract.ts';
import type { SqlServerAddress } from '../database/sql-server-address.ts';
import { DoctorTask } from './doctor-task.ts';
import { shutdownTimes } from './shutdown-times.ts';
import { signInSpread, webEnvironment } from './task-environment.ts';

export interface KerberosTaskProps {
  readonly place: Place;
  readonly images: ImageDigests;
  /** The secret of the directory user. */
  readonly userSecretArn: string;
  readonly sqlServer: SqlServerAddress;
}

const sidecarMemoryMiB = 192;

/**
 * The task: a web container that holds no credentials, and a sidecar that turns the directory user's password into
 * a Kerberos ticket for SQL Server, handed over in a folder that web can only read.
 */
export class KerberosTask extends Construct {
  readonly definition: FargateTaskDefinition;
  readonly kerberos: KerberosSidecar;
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
    });
    this.kerberos = this.#kerberos();
    this.definition.addExtension(this.kerberos);
    // Read with the password, when a task starts: another user means other tasks.
    this.kerberos.container.addDockerLabel('directory-user', directoryUserOf(deployment, environment).name);
    this.#mayDecrypt();
    this.webLog = this.#log('web');
    this.web = this.#web();
    this.kerberos.serve(this.web);
    new DoctorTask(this, 'Doctor', {
      family: namesOf(deployment, environment).doctorFamily,
      ...{ task: this.definition, sidecar: this.kerberos.container, served: this.web },
      roles: ['db_datareader', ...environment.database.userRoles],
    });
    acknowledge(this.definition, {
      ECS2: 'Names and addresses alone: the password comes as a secret, to the sidecar only.',
    });
    acknowledge(this.definition.obtainExecutionRole(), {
      'IAM5[Resource::*]':
        'ecr:GetAuthorizationToken, with which ECS signs in to the registry, has no resource level.',
    });
  }

  #kerberos(): KerberosSidecar {
    const { place, userSecretArn, sqlServer } = this.#props;
    const { deployment, environment } = place;
    const names = namesOf(deployment, environment);
    return new KerberosSidecar({
      domain: environment.domain.name,
      user: Secret.fromSecretCompleteArn(this, 'DirectoryUser', userSecretArn),
      sqlServer: { host: sqlServer.host, spn: sqlServer.principal },
      image: this.#image('sidecar'),
      containerName: 'sidecar',
      volumes: { published: 'shared', private: 'sidecar-private' },
      memoryLimitMiB: sidecarMemoryMiB,
      logging: this.#logging('sidecar', this.#log('sidecar')),
      ticketMode: environment.service.ticketMode,
      credentials: environment.service.credentialMode,
      signInSpread: signInSpread(environment.service.maximumTasks),
      serviceName: names.serviceName,
      environment: controllersByName(environment),
    });
  }

  /** A key that is not AWS's own must be allowed to whoever reads the secret: the CDK grants nothing on imported ones. */
  #mayDecrypt(): void {
    const { deployment, environment } = this.#props.place;
    const { kmsKeyArn } = directoryUserOf(deployment, environment);
    if (kmsKeyArn === undefined) return;
    const fetched = environment.service.credentialMode === 'fetched';
    const role = fetched ? this.definition.taskRole : this.definition.obtainExecutionRole();
    role.addToPrincipalPolicy(mayDecryptSecrets(kmsKeyArn));
  }

  #web(): ContainerDefinition {
    const { place, sqlServer } = this.#props;
    const linuxParameters = new LinuxParameters(this, 'web-linux');
    linuxParameters.dropCapabilities(Capability.ALL);
    // No root, no capability, nothing to write to.
    return this.definition.addContainer('web', {
      containerName: 'web',
      image: this.#image('web'),
      user: userOf('web'),
      readonlyRootFilesystem: true,
      linuxParameters,
      healthCheck: {
        command: ['CMD', 'node', 'health.mjs'],
        interval: Duration.seconds(10),
        timeout: Duration.seconds(5),
        retries: 3,
        startPeriod: Duration.seconds(30),
      },
      logging: this.#logging('web', this.webLog),
      essential: true,
      memoryLimitMiB: place.environment.service.memoryMiB - sidecarMemoryMiB,
      portMappings: [{ name: 'http', containerPort: webPort }],
      stopTimeout: Duration.seconds(shutdownTimes.webStop),
      environment: webEnvironment(place, sqlServer),
    });
  }

  #log(name: ImageName): ILogGroup {
    return environmentLogGroup(this, `${name}-log`, this.#props.place.environment);
  }

  #logging(name: ImageName, logGroup: ILogGroup): LogDriver {
    return LogDriver.awsLogs({
      logGroup,
      streamPrefix: name,
      // A log that cannot be written must not stop requests.
      mode: AwsLogDriverMode.NON_BLOCKING,
      maxBufferSize: Size.mebibytes(4),
    });
  }

  #image(name: ImageName): ContainerImage {
    const { deployment, environment } = this.#props.place;
    const repositoryName = imageRepositoryName(deployment, name);
    const repository = Repository.fromRepositoryAttributes(this, `${name}-repository`, {
      repositoryName,
      repositoryArn: `arn:aws:ecr:${environment.region}:${deployment.tools.account}:repository/${repositoryName}`,
    });
    return ContainerImage.fromEcrRepository(repository, this.#props.images[name]);
  }
}

/** The domain controllers that the configuration names, of the user's domain and of SQL Server's; others are found by DNS. */
function controllersByName({ directory, database, trusted }: Environment): Record<string, string> {
  const own = directory.type === 'new' ? undefined : directory.kdcs;
  const serverDomain = database.type === 'new' ? undefined : database.domain;
  const others = trusted.find(({ name }) => name === serverDomain)?.kdcs;
  return {
    ...(own && { DIRECTORY_KDCS: own.join(',') }),
    ...(others && { SQL_REALM_KDCS: others.join(',') }),
  } satisfies Partial<SidecarEnvironment>;
}
