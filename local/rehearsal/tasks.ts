import { webPaths } from '@packages/contracts';
import { startLoadBalancer } from '../load-balancer/load-balancer.ts';
import { patience, within } from '../processes/within.ts';
import { isReady } from '../service/is-ready.ts';
import { startProcessTask } from '../service/process-task.ts';
import { startService } from '../service/service.ts';
import type { TaskStarter } from '../service/task.ts';
import { environmentOf } from '../service/task-definition/deployed-task.ts';
import { containerTasks } from './container-tasks.ts';
import { otherPrograms } from './other-programs.ts';
import { programsOf } from './programs.ts';
import type { Rehearsal } from './rehearsal.ts';
import { placeOfWeb, sidecarEnvironment, surroundingsOf, taskOf } from './task-surroundings.ts';
import { answeringServices, routed } from './ways.ts';

export interface TasksOptions {
  /** For tests of pairs of processes: what their environments hold besides. */
  readonly environment?: { readonly sidecar?: NodeJS.ProcessEnv; readonly web?: NodeJS.ProcessEnv };
}

/**
 * Starts the load balancer and, behind it, the service's tasks: from their images, as the synthesized task definition says,
 * if the rehearsal has some, else as pairs of processes.
 *
 * @throws Error when a task does not become ready
 */
export async function startTasks(
  rehearsal: Rehearsal,
  report: (line: string) => void,
  { environment = {} }: TasksOptions = {},
): Promise<void> {
  const { cleanUp, slots, balancer, taskCount, stateDirectory, parts } = rehearsal;
  const loadBalancer = await startLoadBalancer({
    ...{ ...balancer, backends: slots, stateDirectory },
    routed: routed(await answeringServices(rehearsal)),
  });
  cleanUp.defer(() => loadBalancer.stop());
  parts.loadBalancer = loadBalancer;

  const { images } = parts;
  const startTask = images
    ? await containerTasks(rehearsal, { images, report })
    : await processTaskStarter(rehearsal, report, environment);
  report(`starting ${taskCount} tasks, each a sidecar and a web service`);
  const service = await startService({ desiredCount: taskCount, slots, startTask, report: rehearsal.report });
  cleanUp.defer(() => service.stop());
  parts.service = service;

  report('waiting for the load balancer to find the tasks ready');
  const found = await within(patience, async () => (await fetch(`${loadBalancer.url}${webPaths.ready}`)).ok);
  if (!found) throw new Error('The load balancer finds no task ready, though the tasks say that they are.');
}

async function processTaskStarter(
  rehearsal: Rehearsal,
  report: (line: string) => void,
  environment: NonNullable<TasksOptions['environment']>,
): Promise<TaskStarter> {
  report('synthesizing the task definition, bundling the sidecar and the web service');
  const { names, stateDirectory } = rehearsal;
  const [programs, task] = await Promise.all([
    programsOf(rehearsal),
    taskOf(rehearsal, 'web', names.userSecret),
  ]);
  const surroundings = await surroundingsOf(rehearsal);
  const others = await otherPrograms(rehearsal, task, { name: 'web', index: 0 });
  return async (slot) =>
    startProcessTask({
      slot,
      programs,
      stateDirectory,
      sidecarEnvironment: {
        ...(await sidecarEnvironment(rehearsal, task, names.userSecret)),
        ...environment.sidecar,
      },
      service: {
        name: 'web',
        program: programs.web,
        environment: {
          ...environmentOf(task, 'web'),
          ...surroundings,
          ...placeOfWeb(slot),
          ...environment.web,
        },
        isReady: () => isReady(slot),
      },
      others: others(slot),
    });
}
