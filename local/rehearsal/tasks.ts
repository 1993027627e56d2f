import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SidecarEnvironment, WebEnvironment } from '@packages/contracts';
import type { Images } from '../containers/images/build-images.ts';
import { startLoadBalancer } from '../load-balancer/load-balancer.ts';
import { within } from '../processes/within.ts';
import { startProcessTask } from '../service/process-task.ts';
import { startService } from '../service/service.ts';
import type { TaskStarter } from '../service/task.ts';
import { containerOf, deployedTask, environmentOf } from '../service/task-definition/deployed-task.ts';
import type { TaskDefinition } from '../service/task-definition/schema.ts';
import { containerTasks } from './container-tasks.ts';
import { addressOf } from './names.ts';
import { buildPrograms } from './programs.ts';
import { secretsOf } from './provisioning.ts';
import type { World } from './world.ts';

export interface TasksOptions {
  /** From their images, as the synthesized task definition says; default: as pairs of processes. */
  readonly containers?: boolean;
  readonly images?: Images | undefined;
  /** For tests of pairs of processes: what their environments hold besides. */
  readonly environment?: { readonly sidecar?: NodeJS.ProcessEnv; readonly web?: NodeJS.ProcessEnv };
}

/**
 * Starts the load balancer and, behind it, the service's tasks.
 *
 * @throws Error when a task does not become ready
 */
export async function startTasks(
  world: World,
  report: (line: string) => void,
  { containers = false, images, environment = {} }: TasksOptions = {},
): Promise<void> {
  const { cleanUp, slots, balancer, taskCount, stateDirectory } = world;
  const loadBalancer = await startLoadBalancer({ ...balancer, backends: slots, stateDirectory });
  cleanUp.defer(() => loadBalancer.stop());
  world.parts.loadBalancer = loadBalancer;

  const startTask = containers
    ? await containerTasks(world, { images, report })
    : await processTaskStarter(world, report, environment);
  report(`starting ${taskCount} tasks, each a sidecar and a web service`);
  const service = await startService({ desiredCount: taskCount, slots, startTask, report: world.report });
  cleanUp.defer(() => service.stop());
  world.parts.service = service;

  report('waiting for the load balancer to find the tasks ready');
  const found = await within(10_000, async () => (await fetch(`${loadBalancer.url}/readyz`)).ok);
  if (!found) throw new Error('The load balancer finds no task ready, though the tasks say that they are.');
}

async function processTaskStarter(
  world: World,
  report: (line: string) => void,
  environment: NonNullable<TasksOptions['environment']>,
): Promise<TaskStarter> {
  report('synthesizing the task definition, bundling the sidecar and the web service');
  const { names, stateDirectory } = world;
  const domain = world.part('domain');
  const readUserSecret = async () =>
    (await secretsOf(world).read(names.userSecret, { stage: 'AWSCURRENT' }))?.value;
  const [programs, task] = await Promise.all([
    buildPrograms(stateDirectory),
    deployedTask({
      domain: names.name,
      userSecretArn: `arn:aws:secretsmanager:eu-central-1:000000000000:secret:${names.userSecret}`,
      sqlServer: addressOf(names),
      stateDirectory,
    }),
  ]);
  const certificateAuthority = join(stateDirectory, 'programs', 'database-ca.pem');
  await copyFile(world.part('sqlServer').authorityFile, certificateAuthority);
  // The services find the domain's names with nss_wrapper(1), as the VPC's resolver knows them on AWS.
  const { LD_PRELOAD, NSS_WRAPPER_HOSTS } = domain.environment;
  const resolver = { LD_PRELOAD, NSS_WRAPPER_HOSTS, PATH: '/usr/bin:/bin' };

  return async (slot) =>
    startProcessTask({
      slot,
      programs,
      stateDirectory,
      sidecarEnvironment: {
        ...environmentOf(task, 'sidecar'),
        ...(await injected(task, readUserSecret)),
        ...resolver,
        ...({
          // nss_wrapper knows hosts, and no SRV records.
          DIRECTORY_KDCS: domain.kdcs.join(','),
          // No more tasks run here than cannot lock the account, even if each begins with the wrong password.
          SIGN_IN_SPREAD_SECONDS: '0',
        } satisfies Partial<SidecarEnvironment>),
        ...environment.sidecar,
      },
      webEnvironment: {
        ...environmentOf(task, 'web'),
        ...resolver,
        ...({
          TASK_NAME: slot.name,
          // The file is part of the image.
          SQL_TLS_CA_FILE: certificateAuthority,
          // Long enough for the load balancer's health checks, which are quicker here than on AWS.
          DRAIN_SECONDS: '1.5',
        } satisfies Partial<WebEnvironment>),
        ...environment.web,
      },
    });
}

/** What ECS injects into the sidecar, read for each task that starts. It is one secret, whole. */
async function injected(
  task: TaskDefinition,
  readUserSecret: () => Promise<string | undefined>,
): Promise<Record<string, string | undefined>> {
  const value = await readUserSecret();
  return Object.fromEntries(containerOf(task, 'sidecar').Secrets.map(({ Name }) => [Name, value]));
}
