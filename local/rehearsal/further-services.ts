import { freePort } from '../processes/free-port.ts';
import { logTail } from '../processes/managed-process.ts';
import { saysHealthy } from '../service/health-command.ts';
import { type ServiceProgram, startProcessTask, usersOf } from '../service/process-task.ts';
import { startService } from '../service/service.ts';
import type { Slot, Task } from '../service/task.ts';
import { environmentOf } from '../service/task-definition/deployed-task.ts';
import { furtherContainerTasks } from './container-tasks.ts';
import type { RehearsedService } from './names.ts';
import { buildServiceProgram, programsOf } from './programs.ts';
import { sidecarEnvironment, surroundingsOf, taskOf } from './task-surroundings.ts';
import type { World } from './world.ts';

type Report = (line: string) => void;

/** For tests of pairs of processes: what their environments hold besides. */
export interface ProcessEnvironment {
  readonly sidecar?: NodeJS.ProcessEnv;
  readonly service?: NodeJS.ProcessEnv;
}

/** A task of a service beside web, and where the output of the service itself goes. */
interface FurtherTask {
  readonly task: Task;
  readonly logFile: string;
}

/**
 * Starts the tasks of a worker, each a sidecar and the worker, and keeps them running: from their images if the world has
 * some, else as processes.
 *
 * @throws Error when one is not healthy
 */
export async function startWorker(
  world: World,
  rehearsed: RehearsedService,
  report: Report,
  environment?: ProcessEnvironment,
): Promise<void> {
  const { service } = rehearsed;
  if (service.kind !== 'worker') throw new Error(`${service.name} is no worker.`);
  const start = await starterOf(world, rehearsed, report, environment);
  const { name, tasks } = service;
  const running = await startService({
    desiredCount: tasks,
    slots: Array.from({ length: tasks + 1 }, (_, index) => slotOf(name, index)),
    report: world.report,
    startTask: async (slot) => (await start(slot)).task,
  });
  world.cleanUp.defer(() => running.stop());
  world.workers.set(name, running);
  report(`${tasks === 1 ? 'a task' : `${tasks} tasks`} of ${name}: at work as ${rehearsed.login}`);
}

/**
 * Runs a job to its end.
 *
 * @returns the end of its log
 * @throws Error with that, when it ends with another exit code than 0
 */
export async function runJob(world: World, rehearsed: RehearsedService, report: Report): Promise<string> {
  const { name } = rehearsed.service;
  const start = await starterOf(world, rehearsed, report);
  const { task, logFile } = await start(slotOf(name, 0));
  const ended = await task.ended;
  const log = logTail(logFile, 5);
  if (!ended.endsWith('exit code 0')) throw new Error(`${name} failed: ${ended}.\n${log}`);
  report(`${name} ran to its end, as ${rehearsed.login}: ${log.slice(-300)}`);
  return log;
}

/** The services beside web, a line each with what they do and as whom; nothing if there are none. */
export function describeServices({ names, workers }: World): string {
  const lines = names.services.map(({ service: { name, kind }, login }) => {
    const tasks = workers
      .get(name)
      ?.tasks.map((task) => task.name)
      .join(', ');
    const state = kind === 'job' ? `once; again with "run ${name}"` : `at work: ${tasks ?? 'not here'}`;
    return `\n  ${name.padEnd(12)} a ${kind}, as ${login}; ${state}`;
  });
  return lines.length > 0 ? `\nBeside it:${lines.join('')}` : '';
}

function slotOf(service: string, index: number): Slot {
  // It has no door: nobody asks it anything but its own health command.
  return { name: `${service}-${index + 1}`, address: '127.0.0.1', port: 0 };
}

/** @returns a function that starts a task and resolves when it is at work */
async function starterOf(
  world: World,
  rehearsed: RehearsedService,
  report: Report,
  environment: ProcessEnvironment = {},
): Promise<(slot: Slot) => Promise<FurtherTask>> {
  const { name } = rehearsed.service;
  const { images } = world.parts;
  if (!images) return processStarter(world, rehearsed, report, environment);
  const start = await furtherContainerTasks(world, rehearsed, { report, images });
  return async (slot) => {
    const task = await start(slot);
    return { task, logFile: task.containers.logFiles[name] ?? '' };
  };
}

async function processStarter(
  world: World,
  { service, userSecret }: RehearsedService,
  report: Report,
  environment: ProcessEnvironment,
): Promise<(slot: Slot) => Promise<FurtherTask>> {
  const { name, kind } = service;
  report(`synthesizing the task definition of ${name}, bundling it`);
  const { stateDirectory } = world;
  const [programs, own, definition] = await Promise.all([
    programsOf(world),
    buildServiceProgram(world, name),
    taskOf(world, name, userSecret),
  ]);
  const surroundings = await surroundingsOf(world);
  const users = usersOf(1 + world.names.services.findIndex(({ service }) => service.name === name));
  return async (slot) => {
    const HEALTH_PORT = String(await freePort());
    const isReady: ServiceProgram['isReady'] =
      kind === 'worker'
        ? async ({ running }) =>
            running && (await saysHealthy(programs.node, own.health, { HEALTH_PORT }, users.service))
        : async () => true;
    const task = await startProcessTask({
      slot,
      programs,
      stateDirectory,
      users,
      sidecarEnvironment: {
        ...(await sidecarEnvironment(world, definition, userSecret)),
        ...environment.sidecar,
      },
      service: {
        name,
        program: own.main,
        environment: {
          ...environmentOf(definition, name),
          ...surroundings,
          TASK_NAME: slot.name,
          HEALTH_PORT,
          ...environment.service,
        },
        isReady,
      },
    });
    return { task, logFile: `${stateDirectory}/logs/${slot.name}-${name}.log` };
  };
}
