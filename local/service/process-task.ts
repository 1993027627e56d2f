import { chmodSync, chownSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { containers, sharedFolderEnvironment } from '@packages/contracts';
import { execa } from 'execa';
import { logTail, type ManagedProcess, startProcess } from '../processes/managed-process.ts';
import { within } from '../processes/within.ts';
import { isReady } from './is-ready.ts';
import type { Slot, Task } from './task.ts';

/** What it takes to run the two containers of a task as two processes. */
export interface ProcessTaskOptions {
  readonly slot: Slot;
  /** Entry points, as in the images. */
  readonly programs: {
    readonly node: string;
    readonly sidecar: string;
    readonly health: string;
    readonly web: string;
  };
  readonly sidecarEnvironment: NodeJS.ProcessEnv;
  readonly webEnvironment: NodeJS.ProcessEnv;
  readonly stateDirectory: string;
  /** How long the sidecar may take to be healthy, and then the web service to be ready; default 30 s each. */
  readonly readyMilliseconds?: number;
}

/** The pause before a dead sidecar is started again (ECS: the container's restart policy). */
const restartMilliseconds = 1000;

/**
 * Runs a task as ECS would run it: the sidecar, then, once it is healthy, the web service, each as a user of its own;
 * the folder they share is the sidecar's to write and the web service's to read. A sidecar that ends is restarted;
 * the web service is essential, so its end is the end of the task.
 *
 * @throws Error with the last lines of the log of whichever did not become ready
 */
export async function startProcessTask(options: ProcessTaskOptions): Promise<Task> {
  const { slot, programs, stateDirectory, readyMilliseconds = 30_000 } = options;
  const folder = join(stateDirectory, 'tasks', slot.name);
  const shared = join(folder, 'scratch');
  const privateDirectory = join(folder, 'private');
  rmSync(folder, { recursive: true, force: true });
  makeFolder(shared, 0o2750, containers.sidecar.user);
  makeFolder(privateDirectory, 0o700, containers.sidecar.user);

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
      user: containers.sidecar.user,
    });
  let stopping = false;
  let restarts = 0;
  let sidecar = await startSidecar();
  let web: ManagedProcess | undefined;

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
    await Promise.all([web?.stop(30_000), sidecar.stop(5000)]);
    rmSync(folder, { recursive: true, force: true });
  }
  const sidecarKept = keepSidecar();

  try {
    const healthy = () => isHealthy(programs, sidecarEnvironment);
    await within(readyMilliseconds, async () => restarts > 2 || (await healthy()), 100);
    if (!(await healthy())) throw notReady('The sidecar is not healthy', readyMilliseconds, sidecar);
    web = await startProcess({
      name: `${slot.name}-web`,
      command: programs.node,
      args: [programs.web],
      environment: {
        ...options.webEnvironment,
        HOST: slot.address,
        PORT: String(slot.port),
        ...sharedFolderEnvironment(shared),
      },
      stateDirectory,
      user: containers.web.user,
    });
    const server = web;
    await within(readyMilliseconds, async () => !server.running || (await isReady(slot)), 50);
    if (!(await isReady(slot))) throw notReady('The web service is not ready', readyMilliseconds, server);
  } catch (error) {
    await stop();
    throw error;
  }

  const ended = web.exited.then(async (code) => {
    const wanted = stopping;
    await stop();
    await sidecarKept;
    return wanted
      ? 'stopped'
      : `its web service ended with ${code === null ? 'a signal' : `exit code ${code}`}`;
  });
  return { name: slot.name, slot, ended, stop };
}

function makeFolder(path: string, mode: number, owner: { uid: number; gid: number }): void {
  mkdirSync(path, { recursive: true });
  chownSync(path, owner.uid, owner.gid);
  // After chown(2), which clears the set-group-id bit.
  chmodSync(path, mode);
}

/** Runs the container's own health command, as the sidecar's user. */
async function isHealthy(programs: ProcessTaskOptions['programs'], env: NodeJS.ProcessEnv): Promise<boolean> {
  const { exitCode } = await execa(programs.node, [programs.health], {
    env,
    extendEnv: false,
    reject: false,
    timeout: 5000,
    uid: containers.sidecar.user.uid,
    gid: containers.sidecar.user.gid,
  });
  return exitCode === 0;
}

function notReady(what: string, milliseconds: number, process: ManagedProcess): Error {
  const state = process.running ? `after ${milliseconds / 1000} s` : 'because it ended';
  return new Error(`${what} ${state}. The end of ${process.logFile}:\n${logTail(process.logFile, 5)}`);
}
