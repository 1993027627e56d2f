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
  /** The task whose way is examined. */
  readonly task: FargateTaskDefinition;
  readonly sidecar: ContainerDefinition;
  /** A container that the sidecar serves: it knows where SQL Server is. */
  readonly served: ContainerDefinition;
  /** Database roles that the service's account must have. */
  readonly roles: readonly string[];
}

/**
 * A task to be started by hand: the doctor, one container that is the sidecar in everything (image, secret, user, network,
 * roles, log) but its command, and the two numbers of Fargate's smallest task. It has no right that the service has not.
 *
 * What the containers of the service are given is read from them, so that the doctor examines what they have.
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

  /** Where the tasks of a service run that ECS knows no service of: its doctor is told so by labels. */
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

/** Ids of what a task's network interface has. */
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
    // Each line counts; and beside those of the sidecars, so that refusals are counted together.
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

/** Group and region. */
function awslogs(options: unknown): Readonly<Record<string, string>> {
  const { 'max-buffer-size': _, ...others } = (options ?? {}) as Record<string, string>;
  return others;
}
