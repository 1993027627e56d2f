import { chmodSync, chownSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { containers, sharedFolderEnvironment } from '@packages/contracts';
import { logTail, type ManagedProcess, startProcess } from '../processes/managed-process.ts';
import { patience, within } from '../processes/within.ts';
import { saysHealthy } from './health-command.ts';
import type { Slot, Task } from './task.ts';
import type { User } from './user.ts';

/** Entry points, as in the images. */
export interface TaskPrograms {
  readonly node: string;
  readonly sidecar: string;
  /** The sidecar's health command. */
  readonly health: string;
}

/** A container of the task, such as that of its service, as a process. */
export interface ServiceProgram {
  /** The container's name, such as `web`. */
  readonly name: string;
  readonly program: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Whether it does its work; asked again and again until it does, or has ended. */
  readonly isReady: (process: ManagedProcess) => Promise<boolean>;
}

/** A container of the task besides the sidecar and the service, as a process. */
export interface OtherProgram extends ServiceProgram {
  readonly user: User;
  /** Whether its end is the end of the task. */
  readonly essential: boolean;
}

/** The users of a task's two processes. They share a group, the service's. */
export interface TaskUsers {
  readonly sidecar: User;
  readonly service: User;
}

/**
 * Users of the tasks of one service alone: on one machine they are what keeps a service from the folders and processes of
 * the others, as tasks of their own do on AWS.
 *
 * @param index which service it is, from 1; web's are the users of the images
 */
export function usersOf(index: number): TaskUsers {
  const { web, sidecar } = containers;
  return { sidecar: userOfService(sidecar.user, index), service: userOfService(web.user, index) };
}

/** The user of an image, as it is for the tasks of one service: see `usersOf`. */
export function userOfService({ uid, gid }: User, index: number): User {
  return { uid: uid + index * 10, gid: gid + index * 10 };
}

/** What it takes to run the containers of a task as processes. */
export interface ProcessTaskOptions {
  readonly slot: Slot;
  readonly programs: TaskPrograms;
  readonly sidecarEnvironment: NodeJS.ProcessEnv;
  readonly service: ServiceProgram;
  readonly others?: readonly OtherProgram[];
  readonly stateDirectory: string;
  /** Whom its processes run as; default: the users of the images. */
  readonly users?: TaskUsers;
  /** How long the sidecar may take to be healthy, and then the service to be ready; default: `patience` each. */
  readonly readyMilliseconds?: number;
}

/** The pause before a dead sidecar is started again (ECS: the container's restart policy). */
const restartMilliseconds = 1000;

/**
 * Runs a task as ECS would: first the sidecar, then, once it is healthy, the service and the other containers, each as
 * its own user. The sidecar writes the folder that they share; the service reads it. A sidecar that ends is restarted.
 * The service is essential: the task ends with it, and with any other essential container.
 *
 * @throws Error with the last lines of the log of whichever did not become ready
 */
export async function startProcessTask(options: ProcessTaskOptions): Promise<Task> {
  const { slot, programs, service, others = [], stateDirectory, readyMilliseconds = patience } = options;
  const { users = usersOf(0) } = options;
  const folder = join(stateDirectory, 'tasks', slot.name);
  const shared = join(folder, 'scratch');
  const privateDirectory = join(folder, 'private');
  rmSync(folder, { recursive: true, force: true });
  makeFolder(shared, 0o2750, users.sidecar);
  makeFolder(privateDirectory, 0o700, users.sidecar);

  const sidecarEnvironment = {
    ...options.sidecarEnvironment,
    SHARED_DIRECTORY: shared,
    PRIVATE_DIRECTORY: privateDirectory,
  };
  const startSidecar = () =>
    startProcess({
      name: `${slot.name}-sidecar`,
      command: programs.node,
      args: [programs.sidecar],
      environment: sidecarEnvironment,
      stateDirectory,
      user: users.sidecar,
    });
  let stopping = false;
  let restarts = 0;
  let sidecar = await startSidecar();
  const started: (OtherProgram & { readonly process: ManagedProcess })[] = [];

  async function keepSidecar(): Promise<void> {
    while (!stopping) {
      await sidecar.exited;
      if (stopping) return;
      await delay(restartMilliseconds);
      if (stopping) return;
      restarts += 1;
      sidecar = await startSidecar();
    }
  }
  async function stop(): Promise<void> {
    stopping = true;
    await Promise.all([...started.map(({ process }) => process.stop(30_000)), sidecar.stop(5000)]);
    rmSync(folder, { recursive: true, force: true });
  }
  const sidecarKept = keepSidecar();

  try {
    const healthy = () => saysHealthy(programs.node, programs.health, sidecarEnvironment, users.sidecar);
    await within(readyMilliseconds, async () => restarts > 2 || (await healthy()), 100);
    if (!(await healthy())) throw notReady('The sidecar is not healthy', readyMilliseconds, sidecar);
    for (const container of [{ ...service, user: users.service, essential: true }, ...others]) {
      const { name, program, environment, user, isReady } = container;
      const process = await startProcess({
        name: `${slot.name}-${name}`,
        command: programs.node,
        args: [program],
        environment: { ...environment, ...sharedFolderEnvironment(shared) },
        stateDirectory,
        user,
      });
      started.push({ ...container, process });
      await within(readyMilliseconds, async () => !process.running || (await isReady(process)), 50);
      if (!(await isReady(process))) {
        throw notReady(`The ${name} service is not ready`, readyMilliseconds, process);
      }
    }
  } catch (error) {
    await stop();
    throw error;
  }

  async function untilEssentialEnds(): Promise<string> {
    const essential = started.filter((container) => container.essential);
    const reason = await Promise.race(
      essential.map(async ({ name, process }) => {
        const code = await process.exited;
        return `its ${name} service ended with ${code === null ? 'a signal' : `exit code ${code}`}`;
      }),
    );
    const wanted = stopping;
    await stop();
    await sidecarKept;
    return wanted ? 'stopped' : reason;
  }
  const ended = untilEssentialEnds();
  return { name: slot.name, slot, ended, stop };
}

function makeFolder(path: string, mode: number, owner: User): void {
  mkdirSync(path, { recursive: true });
  chownSync(path, owner.uid, owner.gid);
  // After chown(2), which clears the set-group-id bit.
  chmodSync(path, mode);
}

function notReady(what: string, milliseconds: number, process: ManagedProcess): Error {
  const state = process.running ? `after ${milliseconds / 1000} s` : 'because it ended';
  return new Error(`${what} ${state}. The end of ${process.logFile}:\n${logTail(process.logFile, 5)}`);
}
