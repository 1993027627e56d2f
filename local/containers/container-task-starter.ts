import { readFile } from 'node:fs/promises';
import type { SqlServerAddress } from '../../lib/constructs/database/sql-server-address.ts';
import type { Slot, Task } from '../service/task.ts';
import { deployedTask, environmentOf } from '../service/task-definition/deployed-task.ts';
import type { TaskDefinition } from '../service/task-definition/schema.ts';
import type { SecretReference } from '../service/task-definition/secret-reference.ts';
import type { ContainerEngine } from './engine.ts';
import { digestsOf, type Images } from './images/build-images.ts';
import { type ContainerTask, startContainerTask } from './task-runner/task.ts';

export interface ContainerTaskStarterOptions {
  readonly engine: ContainerEngine;
  readonly images: Images;
  /** As `context.deployment` of `cdk.json` holds it; default: what it holds. */
  readonly deployment?: unknown;
  /** The name of the service whose tasks they are. */
  readonly service: string;
  /** DNS name of the domain. */
  readonly domain: string;
  /** Address of the DNS server that knows it (`startDirectoryDns`). */
  readonly dns: string;
  /** What earlier stages publish on AWS: the ARN of the directory user's secret, how SQL Server is reached and called. */
  readonly userSecretArn: string;
  readonly sqlServer: SqlServerAddress;
  readonly readSecret: (reference: SecretReference) => Promise<string>;
  /** PEM file of the authority that signed SQL Server's certificate, readable by all; replaces Amazon's, or a company's. */
  readonly certificateAuthorities: string;
  readonly stateDirectory: string;
  readonly report?: (event: string) => void;
  /** See `ContainerTaskOptions`. */
  readonly restartAttemptPeriodSeconds?: number;
}

/** What is this machine's to say of one task. */
export interface ContainerTaskOptions {
  /** Variables of the service's container, besides those of the definition. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Resolves when the task does its work. */
  readonly ready: (containers: ContainerTask) => Promise<void>;
}

/** A task of a service, run from its images. */
export interface RunningContainerTask extends Task {
  readonly containers: ContainerTask;
}

/**
 * Synthesizes the service's task definition and gives a function that runs it in a slot.
 *
 * What the rehearsal adds to the definition is what the options say, and, as the definition has it in a file or in a
 * variable, the certificate authority of the SQL Server stand-in.
 *
 * @throws Error when the task definition cannot be synthesized or has a field that the runner does not know
 */
export async function containerTaskStarter(
  options: ContainerTaskStarterOptions,
): Promise<(slot: Slot, options: ContainerTaskOptions) => Promise<RunningContainerTask>> {
  const { images, service } = options;
  const taskDefinition = await deployedTask({ ...options, images: digestsOf(images) });
  const { SQL_TLS_CA_FILE: authorities, SQL_TLS_CA: inline } = environmentOf(taskDefinition, service);
  if (!authorities && !inline)
    throw new Error(
      `The container ${service} of the task definition has neither SQL_TLS_CA_FILE nor SQL_TLS_CA.`,
    );
  const ours = inline && { SQL_TLS_CA: await readFile(options.certificateAuthorities, 'utf8') };

  const { CpuArchitecture: processor } = taskDefinition.RuntimePlatform;
  if (processor !== (process.arch === 'arm64' ? 'ARM64' : 'X86_64')) {
    options.report?.(
      `the task definition asks for ${processor}; this machine is ${process.arch}, and so are the images`,
    );
  }

  return async (slot, { environment = {}, ready }) => {
    checkPort(taskDefinition, slot);
    const containers = await startContainerTask({
      ...options,
      taskDefinition,
      name: slot.name,
      localImage: (reference) => localImage(reference, images),
      environment: { [service]: { ...environment, ...ours } },
      files: { [service]: authorities ? { [authorities]: options.certificateAuthorities } : {} },
    });
    try {
      await ready(containers);
    } catch (error) {
      await containers.stop();
      throw error;
    }
    return { name: slot.name, slot, ended: containers.ended, stop: () => containers.stop(), containers };
  };
}

/** The image of this machine that has the digest which the definition asks for. */
function localImage(reference: string, images: ContainerTaskStarterOptions['images']): string {
  const image = Object.values(images).find(({ digest }) => reference.endsWith(`@${digest}`));
  if (!image) throw new Error(`The task definition asks for ${reference}, which was not built here.`);
  return image.reference;
}

/** The load balancer's target group reaches only a port that the definition opens. A task without a door has port 0. */
function checkPort({ ContainerDefinitions }: TaskDefinition, { name, port }: Slot): void {
  if (port === 0) return;
  const ports = ContainerDefinitions.flatMap(({ PortMappings }) => PortMappings);
  if (!ports.some(({ ContainerPort }) => ContainerPort === port)) {
    const open = ports.map(({ ContainerPort }) => ContainerPort).join(', ') || 'none';
    throw new Error(`${name} is to listen on port ${port}, but the task definition opens ${open}.`);
  }
}
