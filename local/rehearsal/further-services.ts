import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { containers } from '@packages/contracts';
import { execa } from 'execa';
import { type ServiceProgram, startProcessTask } from '../service/process-task.ts';
import { startService } from '../service/service.ts';
import type { Slot, Task } from '../service/task.ts';
import { environmentOf } from '../service/task-definition/deployed-task.ts';
import type { RehearsedService } from './names.ts';
import { buildServiceProgram, programsOf } from './programs.ts';
import { sidecarEnvironment, surroundingsOf, taskOf } from './task-surroundings.ts';
import type { World } from './world.ts';

type Report = (line: string) => void;

/** Starts the tasks of a worker, each a sidecar and the worker, and keeps them running. @throws Error when one is not healthy */
export async function startWorker(world: World, rehearsed: RehearsedService, report: Report): Promise<void> {
  const { service } = rehearsed;
  if (service.kind !== 'worker') throw new Error(`${service.name} is no worker.`);
  const { start, health } = await starterOf(world, rehearsed, report);
  const { name, tasks } = service;
  const slots = Array.from({ length: tasks + 1 }, (_, index) => slotOf(name, index));
  const running = await startService({
    desiredCount: tasks,
    slots,
    report: world.report,
    async startTask(slot) {
      const port = String(await freePort());
      return start(slot, {
        environment: { HEALTH_PORT: port },
        isReady: async ({ running }) => running && (await health(port)),
      });
    },
  });
  world.cleanUp.defer(() => running.stop());
  world.workers.set(name, running);
  report(`${tasks} tasks of ${name} work, as ${rehearsed.login}`);
}

/** Runs a job to its end. @throws Error with the end of its log when it ends with another exit code than 0 */
export async function runJob(world: World, rehearsed: RehearsedService, report: Report): Promise<void> {
  const { name } = rehearsed.service;
  const { start } = await starterOf(world, rehearsed, report);
  const task = await start(slotOf(name, 0), { environment: {}, isReady: async () => true });
  const ended = await task.ended;
  const log = readFileSync(join(world.stateDirectory, 'logs', `${task.name}-${name}.log`), 'utf8').trim();
  const last = log.split('\n').slice(-5).join('\n');
  if (!ended.endsWith('exit code 0')) throw new Error(`${name} failed: ${ended}.\n${last}`);
  report(`${name} ran to its end, as ${rehearsed.login}: ${last.slice(-300)}`);
}

function slotOf(service: string, index: number): Slot {
  // It has no door: nobody asks it anything but its own health command.
  return { name: `${service}-${index + 1}`, address: '127.0.0.1', port: 0 };
}

async function starterOf(world: World, { service, userSecret }: RehearsedService, report: Report) {
  const { name } = service;
  report(`synthesizing the task definition of ${name}, bundling it`);
  const { stateDirectory } = world;
  const [programs, own, task] = await Promise.all([
    programsOf(world),
    buildServiceProgram(world, name),
    taskOf(world, name, userSecret),
  ]);
  const surroundings = await surroundingsOf(world);
  return {
    start: async (
      slot: Slot,
      { environment, isReady }: Pick<ServiceProgram, 'environment' | 'isReady'>,
    ): Promise<Task> =>
      startProcessTask({
        slot,
        programs,
        stateDirectory,
        sidecarEnvironment: await sidecarEnvironment(world, task, userSecret),
        service: {
          name,
          program: own.main,
          environment: {
            ...environmentOf(task, name),
            ...surroundings,
            TASK_NAME: slot.name,
            ...environment,
          },
          isReady,
        },
      }),
    /** The container's own health command, as its user. */
    async health(port: string): Promise<boolean> {
      const { exitCode } = await execa(programs.node, [own.health], {
        env: { HEALTH_PORT: port },
        extendEnv: false,
        reject: false,
        timeout: 5000,
        uid: containers.web.user.uid,
        gid: containers.web.user.gid,
      });
      return exitCode === 0;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
