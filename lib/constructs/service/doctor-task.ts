import {
  type DoctorEnvironment,
  type DoctorNetwork,
  doctorCommand,
  doctorEnvironmentSchema,
} from '@packages/contracts';
import { Fn, Lazy } from 'aws-cdk-lib';
import { CfnTaskDefinition, type ContainerDefinition, type FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { acknowledge } from '../common/acknowledge.ts';

export interface DoctorTaskProps {
  readonly family: string;
  /** The task whose connection to SQL Server the doctor examines. */
  readonly task: FargateTaskDefinition;
  readonly sidecar: ContainerDefinition;
  /** A container that uses the sidecar; its variables say where SQL Server is. */
  readonly served: ContainerDefinition;
  /** Database roles that the service's account must have. */
  readonly roles: readonly string[];
}

/**
 * A task to start by hand: the doctor. Its one container is like the sidecar (image, secret, user, roles, log group), but
 * runs another command, in Fargate's smallest task. It has no permissions that the service does not have.
 *
 * The settings are read from the containers of the service, so that the doctor examines the same ones.
 */
export class DoctorTask extends Construct {
  #network: TaskNetwork | undefined;

  constructor(scope: Construct, id: string, { family, task, sidecar, served, roles }: DoctorTaskProps) {
    super(scope, id);
    const service = task.node.defaultChild as CfnTaskDefinition;
    const definition = new CfnTaskDefinition(this, 'Definition', {
      ...{ family, cpu: '256', memory: '512', networkMode: 'awsvpc', requiresCompatibilities: ['FARGATE'] },
      runtimePlatform: Lazy.any({ produce: () => service.runtimePlatform }),
      executionRoleArn: task.obtainExecutionRole().roleArn,
      taskRoleArn: task.taskRole.roleArn,
      containerDefinitions: Lazy.any({ produce: () => [this.#container(sidecar, served, roles)] }),
    });
    acknowledge(definition, {
      ECS2: 'Names and addresses alone: the password comes as a secret, as to the sidecar.',
    });
  }

  /** Records the network of a job's tasks in labels of the doctor: a job has no ECS service to read it from. */
  runsIn(network: TaskNetwork): void {
    this.#network = network;
  }

  #container(
    ...[sidecar, served, roles]: Parameters<typeof doctor>
  ): CfnTaskDefinition.ContainerDefinitionProperty {
    const container = doctor(sidecar, served, roles);
    if (!this.#network) return container;
    const { subnets, securityGroups } = this.#network;
    const dockerLabels: DoctorNetwork = {
      subnets: Fn.join(',', [...subnets]),
      'security-groups': Fn.join(',', [...securityGroups]),
    };
    return { ...container, dockerLabels: { ...dockerLabels } };
  }
}

/** The ids of the subnets and security groups of a task's network interface. */
export interface TaskNetwork {
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
}

function doctor(
  sidecar: ContainerDefinition,
  served: ContainerDefinition,
  roles: readonly string[],
): CfnTaskDefinition.ContainerDefinitionProperty {
  const { image, user, linuxParameters, secrets, logConfiguration, environment } =
    sidecar.renderContainerDefinition();
  const { options } = logConfiguration as CfnTaskDefinition.LogConfigurationProperty;
  const own = pairs(environment);
  const server = pairs(served.renderContainerDefinition().environment).filter(
    ({ name }) =>
      /^SQL_/.test(name) &&
      name in doctorEnvironmentSchema.shape &&
      !own.some((variable) => variable.name === name),
  );
  return {
    ...{ name: 'doctor', image, essential: true, stopTimeout: 10 },
    ...(user && { user }),
    ...(linuxParameters && { linuxParameters }),
    ...(secrets && { secrets }),
    readonlyRootFilesystem: true,
    command: [...doctorCommand],
    environment: [
      ...own,
      ...server,
      ...pairs([{ name: 'SQL_ROLES' satisfies keyof DoctorEnvironment, value: roles.join(',') }]),
    ],
    // Blocking, so that no line is lost. In the sidecars' log group, so that refused passwords are counted together.
    logConfiguration: {
      logDriver: 'awslogs',
      options: { ...awslogs(options), mode: 'blocking', 'awslogs-stream-prefix': 'doctor' },
    },
  };
}

interface Pair {
  readonly name: string;
  readonly value: string;
}

function pairs(rendered: unknown): readonly Pair[] {
  return (rendered ?? []) as readonly Pair[];
}

/** The log group and region. The buffer size is valid only in the non-blocking mode. */
function awslogs(options: unknown): Readonly<Record<string, string>> {
  const { 'max-buffer-size': _, ...others } = (options ?? {}) as Record<string, string>;
  return others;
}
