import type { WorkerEnvironment } from '@packages/service/worker';
import type { FurtherService } from '../../lib/config/index.ts';
import { freePort } from '../processes/free-port.ts';
import { logTail } from '../processes/managed-process.ts';
import { answersOk } from '../service/answers-ok.ts';
import { saysHealthy } from '../service/health-command.ts';
import { type ServiceProgram, startProcessTask, usersOf } from '../service/process-task.ts';
import { startService } from '../service/service.ts';
import type { Slot, Task } from '../service/task.ts';
import { environmentOf } from '../service/task-definition/deployed-task.ts';
import { furtherContainerTasks } from './container-tasks.ts';
import type { RehearsedService } from './names.ts';
import { otherPrograms } from './other-programs.ts';
import { buildServiceProgram, programsOf } from './programs.ts';
import type { Rehearsal } from './rehearsal.ts';
import { placeOfWeb, sidecarEnvironment, surroundingsOf, taskOf } from './task-surroundings.ts';

type Report = (line: string) => void;

/** Options for tests of the sidecar and the service together. */
export interface FurtherOptions {
  /** Additional environment variables of the two processes. */
  readonly environment?: { readonly sidecar?: NodeJS.ProcessEnv; readonly service?: NodeJS.ProcessEnv };
  /** The folder in `services/` with its code; default: the folder with the service's name. */
  readonly folder?: string;
}

/** A task of a further service, and the log file of the service itself. */
interface FurtherTask {
  readonly task: Task;
  readonly logFile: string;
}

/**
 * Starts the tasks of a worker, each a sidecar and the worker, and keeps them running: from images if the rehearsal has
 * built them, otherwise as processes.
 *
 * @throws Error when a task does not become healthy
 */
export async function startWorker(
  rehearsal: Rehearsal,
  rehearsed: RehearsedService,
  report: Report,
  options?: FurtherOptions,
): Promise<void> {
  const { service } = rehearsed;
  if (service.kind !== 'worker') throw new Error(`${service.name} is not a worker.`);
  const start = await starterOf(rehearsal, rehearsed, report, options);
  const { name, tasks } = service;
  const running = await startService({
    desiredCount: tasks,
    slots: Array.from({ length: tasks + 1 }, (_, index) => slotOf(name, index)),
    report: rehearsal.report,
    startTask: async (slot) => (await start(slot)).task,
  });
  rehearsal.cleanUp.defer(() => running.stop());
  rehearsal.running.set(name, running);
  report(`${tasks === 1 ? 'a task' : `${tasks} tasks`} of ${name}: running as ${rehearsed.login}`);
}

/**
 * Runs a job until it ends.
 *
 * @returns the end of its log
 * @throws Error with the end of its log if it does not exit with code 0
 */
export async function runJob(
  rehearsal: Rehearsal,
  rehearsed: RehearsedService,
  report: Report,
): Promise<string> {
  const { name } = rehearsed.service;
  const start = await starterOf(rehearsal, rehearsed, report);
  const { task, logFile } = await start(slotOf(name, 0));
  const ended = await task.ended;
  const log = logTail(logFile, 5);
  if (!ended.endsWith('exit code 0')) throw new Error(`${name} failed: ${ended}.\n${log}`);
  report(`${name} ran to its end, as ${rehearsed.login}: ${log.slice(-300)}`);
  return log;
}

function slotOf(service: string, index: number): Slot {
  // It has no listening port; only its own health command checks it.
  return { name: `${service}-${index + 1}`, address: '127.0.0.1', port: 0 };
}

/** @returns a function that starts a task and resolves when it is ready */
export async function starterOf(
  rehearsal: Rehearsal,
  rehearsed: RehearsedService,
  report: Report,
  options: FurtherOptions = {},
): Promise<(slot: Slot) => Promise<FurtherTask>> {
  const { name } = rehearsed.service;
  const { images } = rehearsal.parts;
  if (!images) return processStarter(rehearsal, rehearsed, report, options);
  const start = await furtherContainerTasks(rehearsal, rehearsed, { report, images });
  return async (slot) => {
    const task = await start(slot);
    return { task, logFile: task.containers.logFiles[name] ?? '' };
  };
}

async function processStarter(
  rehearsal: Rehearsal,
  { service, userSecret }: RehearsedService,
  report: Report,
  { environment = {}, folder = service.name }: FurtherOptions,
): Promise<(slot: Slot) => Promise<FurtherTask>> {
  const { name } = service;
  report(`synthesizing the task definition of ${name}, bundling it`);
  const { stateDirectory } = rehearsal;
  const [programs, own, definition] = await Promise.all([
    programsOf(rehearsal),
    buildServiceProgram(rehearsal, name, folder),
    taskOf(rehearsal, name, userSecret),
  ]);
  const surroundings = await surroundingsOf(rehearsal);
  const index = 1 + rehearsal.names.services.findIndex(({ service }) => service.name === name);
  const users = usersOf(index);
  const others = await otherPrograms(rehearsal, definition, { name, index });
  return async (slot) => {
    const told = {
      ...environmentOf(definition, name),
      ...surroundings,
      ...(await ofThisMachine(service, slot)),
      ...environment.service,
    };
    const says = () => saysHealthy(programs.node, own.health, told, users.service);
    const task = await startProcessTask({
      slot,
      programs,
      stateDirectory,
      users,
      sidecarEnvironment: {
        ...(await sidecarEnvironment(rehearsal, definition, userSecret)),
        ...environment.sidecar,
      },
      service: { name, program: own.main, environment: told, isReady: readiness(service, slot, says) },
      others: others(slot),
    });
    return { task, logFile: `${stateDirectory}/logs/${slot.name}-${name}.log` };
  };
}

/** Variables that differ between the tasks on this machine, such as the ports. */
async function ofThisMachine({ kind }: FurtherService, slot: Slot): Promise<NodeJS.ProcessEnv> {
  if (kind === 'web') return placeOfWeb(slot);
  return {
    TASK_NAME: slot.name,
    HEALTH_PORT: String(await freePort()),
  } satisfies Partial<WorkerEnvironment>;
}

/**
 * The health check of a task: its own health command, as ECS runs it, and for web services also the load balancer's.
 */
function readiness(
  service: FurtherService,
  slot: Slot,
  says: () => Promise<boolean>,
): ServiceProgram['isReady'] {
  switch (service.kind) {
    case 'worker':
      return async ({ running }) => running && (await says());
    case 'web':
      return async ({ running }) =>
        running &&
        (await answersOk(`http://${slot.address}:${slot.port}${service.healthPath}`)) &&
        (await says());
    case 'job':
      return async () => true;
  }
}
