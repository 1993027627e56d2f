import { type ManagedProcess, startProcess } from '../../processes/managed-process.ts';
import { patience } from '../../processes/within.ts';
import type { ContainerDefinition } from '../../service/task-definition/schema.ts';
import type { ContainerEngine } from '../engine.ts';
import { containerArguments, type Surroundings } from './container-arguments.ts';
import { type Health, watchHealth } from './health.ts';

export interface ContainerOptions {
  readonly engine: ContainerEngine;
  readonly definition: ContainerDefinition;
  readonly surroundings: Surroundings;
  /** Values of the definition's secrets, by variable name. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly stateDirectory: string;
  readonly onHealth: (health: Health) => void;
}

/**
 * The time that the engine may take to start a command in a container, in addition to the command's own time. ECS sends
 * the command to a process that is already running, but here a new program starts, which takes seconds on a busy
 * machine.
 */
const engineMilliseconds = 25_000;

/** One container of a task. It can be started again after it has ended, as ECS does. */
export interface Container {
  readonly definition: ContainerDefinition;
  /** Its name in the engine. */
  readonly name: string;
  readonly logFile: string;
  readonly running: boolean;
  /** Starts or restarts it; resolves with a promise of its exit code. */
  start(): Promise<{ readonly exited: Promise<number> }>;
  /** Sends a signal to its main process. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Runs a command in it as its own user, or as another one (`uid` or `uid:gid`). */
  exec(
    command: readonly string[],
    options?: { readonly user?: string; readonly timeoutMilliseconds?: number },
  ): Promise<string>;
  /** SIGTERM, then SIGKILL after the definition's stop time-out. */
  stop(): Promise<void>;
  /** Removes the container and everything it has written. */
  remove(): Promise<void>;
}

/** Creates a container without starting it. @throws Error with the engine's message */
export async function createContainer(options: ContainerOptions): Promise<Container> {
  const { engine, definition, surroundings, stateDirectory } = options;
  const { name } = surroundings;
  await engine.run(['create', ...containerArguments(definition, surroundings, engine)], {
    environment: options.secrets,
  });
  let attached: ManagedProcess | undefined;
  let health = new AbortController();

  const container: Container = {
    definition,
    name,
    logFile: `${stateDirectory}/logs/${name}.log`,
    get running() {
      return attached?.running ?? false;
    },
    async start() {
      // Start it attached, so that its output goes to the log file, its end is an event, and a signal that the kernel
      // sends when we crash is passed on to it.
      const client = await startProcess({
        name,
        command: engine.name,
        // Docker passes signals on by default.
        args: ['start', '--attach', ...(engine.name === 'podman' ? ['--sig-proxy=true'] : []), name],
        environment: engine.environment,
        stateDirectory,
      });
      attached = client;
      health = new AbortController();
      if (definition.HealthCheck) watch(definition.HealthCheck, health.signal);
      const exited = client.exited.then((code) => {
        health.abort();
        return code ?? 137;
      });
      return { exited };
    },
    async kill(signal) {
      await engine.run(['kill', `--signal=${signal}`, name]);
    },
    exec: (command, { user, timeoutMilliseconds = patience } = {}) =>
      engine.run(['exec', ...(user ? [`--user=${user}`] : []), name, ...command], { timeoutMilliseconds }),
    async stop() {
      health.abort();
      if (!container.running) return;
      const seconds = definition.StopTimeout;
      await engine.run(['stop', `--time=${seconds}`, name], {
        timeoutMilliseconds: seconds * 1000 + patience,
      });
      await attached?.exited;
    },
    async remove() {
      health.abort();
      await engine.run(['rm', '--force', '--volumes', name]);
      await attached?.stop();
    },
  };
  return container;

  function watch(check: NonNullable<ContainerDefinition['HealthCheck']>, signal: AbortSignal): void {
    const [kind, ...words] = check.Command;
    const command = kind === 'CMD' ? words : ['/bin/sh', '-c', ...words];
    void watchHealth({
      check,
      signal,
      onChange: options.onHealth,
      probe: async (timeLimit) => {
        const answer = container.exec(command, { timeoutMilliseconds: timeLimit + engineMilliseconds });
        return answer.then(
          () => true,
          () => false,
        );
      },
    });
  }
}
