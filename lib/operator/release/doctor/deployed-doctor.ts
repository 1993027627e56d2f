import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  type ECSClient,
  type NetworkConfiguration,
} from '@aws-sdk/client-ecs';
import { doctorNetworkSchema } from '@packages/contracts';
import { ReleaseError } from '../../../aws/errors.ts';

/** What is needed to start a service's doctor, as deployed. */
export interface DeployedDoctor {
  readonly cluster: string;
  /** ARN of the task definition's revision. */
  readonly taskDefinition: string;
  /** The only container of the task. */
  readonly container: string;
  /** Subnets and security groups of the service's own tasks. */
  readonly network: NetworkConfiguration;
  /** Where the doctor logs; the service's sidecars use the same log group. */
  readonly log: { readonly group: string; readonly streamPrefix: string };
}

/** @throws ReleaseError when the service or its doctor is not deployed */
export async function deployedDoctor(
  ecs: ECSClient,
  {
    cluster,
    service,
    family,
    isJob,
  }: {
    readonly cluster: string;
    readonly service: string;
    readonly family: string;
    readonly isJob: boolean;
  },
): Promise<DeployedDoctor> {
  // A job has no ECS service; its tasks start on a schedule.
  const running = isJob ? undefined : await networkOf(ecs, cluster, service);
  const { taskDefinition } = await ecs
    .send(new DescribeTaskDefinitionCommand({ taskDefinition: family }))
    .catch((error: unknown) => {
      throw named(error, 'ClientException')
        ? new ReleaseError(
            `There is no task definition ${family} yet: deploy the service ${running ? 'once more' : 'first'}.`,
          )
        : error;
    });
  const [container] = taskDefinition?.containerDefinitions ?? [];
  const options = container?.logConfiguration?.options ?? {};
  const { 'awslogs-group': group, 'awslogs-stream-prefix': streamPrefix } = options;
  const network = running ?? networkIn(container?.dockerLabels);
  if (!network || !taskDefinition?.taskDefinitionArn || !container?.name || !group || !streamPrefix) {
    throw new ReleaseError(`The task definition ${family} is not that of a doctor.`);
  }
  return {
    ...{ cluster, network, taskDefinition: taskDefinition.taskDefinitionArn, container: container.name },
    log: { group, streamPrefix },
  };
}

async function networkOf(ecs: ECSClient, cluster: string, service: string): Promise<NetworkConfiguration> {
  const { services = [] } = await ecs
    .send(new DescribeServicesCommand({ cluster, services: [service] }))
    .catch((error: unknown) => {
      throw named(error, 'ClusterNotFoundException') ? notDeployed(service) : error;
    });
  const network = services.find(({ status }) => status === 'ACTIVE')?.networkConfiguration;
  if (!network?.awsvpcConfiguration) throw notDeployed(service);
  return network;
}

/** The network of a job's tasks, which the template stores in the labels of the doctor's container. */
function networkIn(labels: Record<string, string> | undefined): NetworkConfiguration | undefined {
  const { data } = doctorNetworkSchema.safeParse(labels);
  return (
    data && {
      awsvpcConfiguration: {
        subnets: data.subnets.split(','),
        securityGroups: data['security-groups'].split(','),
        assignPublicIp: 'DISABLED',
      },
    }
  );
}

function notDeployed(service: string): ReleaseError {
  return new ReleaseError(`The service ${service} is not deployed here yet: there is nothing to examine.`);
}

function named(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}
