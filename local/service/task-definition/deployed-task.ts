import {
  type ContractKey,
  type ImageDigests,
  placeholderDigests,
  serviceSecretKey,
} from '../../../lib/config/index.ts';
import type { SqlServerAddress } from '../../../lib/constructs/database/sql-server-address.ts';
import { writtenDeployment } from '../../pipeline/cdk-context.ts';
import { readTaskDefinition } from './read-task-definition.ts';
import type { ContainerDefinition, TaskDefinition } from './schema.ts';
import { type ServiceTemplates, serviceTemplates } from './service-template.ts';

export interface DeployedTaskOptions {
  /** As `context.deployment` of `cdk.json` holds it; default: what it holds. */
  readonly deployment?: unknown;
  /** DNS name of the domain. */
  readonly domain: string;
  /** `sha256:…` of each image; default: placeholders, for those who run the programs without images. */
  readonly images?: ImageDigests;
  /** What earlier stages publish on AWS: the ARN of the directory user's secret, how SQL Server is reached and called. */
  readonly userSecretArn: string;
  readonly sqlServer: SqlServerAddress;
  /** Default: web. */
  readonly service?: string;
}

/** What the templates of the services are synthesized from. */
export type ServicesOptions = Pick<DeployedTaskOptions, 'deployment' | 'domain' | 'images'>;

const synthesized = new Map<string, Promise<ServiceTemplates>>();

/**
 * The templates of the services that the pipeline would deploy into the first environment of a deployment: synthesized once
 * for all services, which start side by side.
 *
 * @throws Error when they cannot be synthesized
 */
export async function deployedServices({
  deployment = writtenDeployment(),
  domain,
  images = placeholderDigests,
}: ServicesOptions): Promise<ServiceTemplates> {
  const key = JSON.stringify([deployment, domain, images]);
  const synthesis = synthesized.get(key) ?? serviceTemplates({ deployment, domain, images });
  synthesized.set(key, synthesis);
  return synthesis;
}

/**
 * The task definition that the pipeline would deploy into the first environment of a deployment, with what earlier stages
 * publish filled in.
 *
 * @throws Error when it cannot be synthesized or has a field that the task runner does not know
 */
export async function deployedTask({
  userSecretArn,
  sqlServer,
  service = 'web',
  ...options
}: DeployedTaskOptions): Promise<TaskDefinition> {
  const { templates, environmentPath } = await deployedServices(options);
  const template = templates[service];
  if (!template) throw new Error(`The service stage has no stack of ${service}.`);
  const ofDomain = 'user-secret-arn' satisfies ContractKey<'domain'>;
  const userSecretKey = service === 'web' ? `domain/${ofDomain}` : serviceSecretKey(service);
  const ofDatabase = (key: ContractKey<'database'>) => `${environmentPath}/database/${key}`;
  const known: Record<string, string> = {
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::Region': 'eu-central-1',
    [`${environmentPath}/${userSecretKey}`]: userSecretArn,
    [ofDatabase('host')]: sqlServer.host,
    [ofDatabase('port')]: sqlServer.port,
    [ofDatabase('service-principal')]: sqlServer.spn,
    [ofDatabase('tls-name')]: sqlServer.tlsName,
  };
  return readTaskDefinition(template, (reference) => known[reference]);
}

/** @throws Error when the task has no such container */
export function containerOf(task: TaskDefinition, container: string): ContainerDefinition {
  const found = task.ContainerDefinitions.find(({ Name }) => Name === container);
  if (!found) throw new Error(`The task definition has no container ${container}.`);
  return found;
}

/** The variables of a container, without what ECS injects. */
export function environmentOf(task: TaskDefinition, container: string): Readonly<Record<string, string>> {
  return Object.fromEntries(containerOf(task, container).Environment.map(({ Name, Value }) => [Name, Value]));
}
