import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  type ECSClient,
  type NetworkConfiguration,
} from '@aws-sdk/client-ecs';
import { ReleaseError } from '../../../aws/errors.ts';

/** What the doctor of a service is started with, as it is deployed. */
export interface DeployedDoctor {
  readonly cluster: string;
  /** ARN of the revision. */
  readonly taskDefinition: string;
  /** The one container of its task. */
  readonly container: string;
  /** Subnets and security groups of the service's own tasks. */
  readonly network: NetworkConfiguration;
  /** Where the doctor writes; the sidecars of the service write into the same group. */
  readonly log: { readonly group: string; readonly streamPrefix: string };
}

/** @throws ReleaseError when the service or its doctor is not deployed */
export async function deployedDoctor(
  ecs: ECSClient,
  {
    cluster,
    service,
    family,
  }: { readonly cluster: string; readonly service: string; readonly family: string },
): Promise<DeployedDoctor> {
  const { services = [] } = await ecs
    .send(new DescribeServicesCommand({ cluster, services: [service] }))
    .catch((error: unknown) => {
      throw named(error, 'ClusterNotFoundException') ? notDeployed(service) : error;
    });
  const network = services.find(({ status }) => status === 'ACTIVE')?.networkConfiguration;
  if (!network?.awsvpcConfiguration) throw notDeployed(service);
  const { taskDefinition } = await ecs
    .send(new DescribeTaskDefinitionCommand({ taskDefinition: family }))
    .catch((error: unknown) => {
      throw named(error, 'ClientException')
        ? new ReleaseError(`There is no task definition ${family} yet: deploy the service once more.`)
        : error;
    });
  const [container] = taskDefinition?.containerDefinitions ?? [];
  const options = container?.logConfiguration?.options ?? {};
  const { 'awslogs-group': group, 'awslogs-stream-prefix': streamPrefix } = options;
  if (!taskDefinition?.taskDefinitionArn || !container?.name || !group || !streamPrefix) {
    throw new ReleaseError(`The task definition ${family} is not one of a doctor.`);
  }
  return {
    ...{ cluster, network, taskDefinition: taskDefinition.taskDefinitionArn, container: container.name },
    log: { group, streamPrefix },
  };
}

function notDeployed(service: string): ReleaseError {
  return new ReleaseError(`The service ${service} is not deployed here yet: there is nothing to examine.`);
}

function named(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}
