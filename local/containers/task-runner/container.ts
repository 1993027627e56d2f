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
  /** Values of the definition's secrets, by the name of the variable. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly stateDirectory: string;
  readonly onHealth: (health: Health) => void;
}

/**
 * What the engine may take to start a command in a container, beside the command itself: where ECS asks the containers it is
 * at work already, here it is a program that begins anew, for seconds on a busy machine.
 */
const engineMilliseconds = 25_000;

/** One container of a task; it can be started again after its end, as ECS does it. */
export interface Container {
  readonly definition: ContainerDefinition;
  /** Its name at the engine. */
  readonly name: string;
  readonly logFile: string;
  readonly running: boolean;
  /** Starts it, or starts it again; resolves with a promise of its exit code. */
  start(): Promise<{ readonly exited: Promise<number> }>;
  /** Sends a signal to its first process. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Runs a command in it as its own user, or another one (`uid` or `uid:gid`). */
  exec(
    command: readonly string[],
    options?: { readonly user?: string; readonly timeoutMilliseconds?: number },
  ): Promise<string>;
  /** SIGTERM, then SIGKILL after the definition's stop time-out. */
  stop(): Promise<void>;
  /** Takes it away with all that it wrote. */
  remove(): Promise<void>;
}

/** Makes a container without starting it. @throws Error with the engine's words */
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
      // Attached, so that the output arrives in the log file, the end is an event, and a signal that the kernel sends
      // when we crash is passed on to the container.
      const client = await startProcess({
        name,
        command: engine.name,
        // Docker passes signals on without being told.
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
