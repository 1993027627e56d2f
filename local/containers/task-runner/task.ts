import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { logTail } from '../../processes/managed-process.ts';
import { patience } from '../../processes/within.ts';
import type { TaskDefinition } from '../../service/task-definition/schema.ts';
import type { SecretReference } from '../../service/task-definition/secret-reference.ts';
import type { ContainerEngine } from '../engine.ts';
import type { Container } from './container.ts';
import { createTask } from './create-task.ts';
import type { Health } from './health.ts';
import { mayRestart } from './restart-policy.ts';

export interface ContainerTaskOptions {
  readonly engine: ContainerEngine;
  readonly taskDefinition: TaskDefinition;
  /** Unique among the tasks of this state directory. */
  readonly name: string;
  /**
   * The name in the engine of the image that the definition refers to; here it stands for the registry's image.
   *
   * @throws Error when there is none
   */
  readonly localImage: (reference: string) => string;
  /** Reads a secret as the execution role would, each time a task starts. */
  readonly readSecret: (reference: SecretReference) => Promise<string>;
  /** Its `logs` receives the log files; what an earlier run left is found by this path. */
  readonly stateDirectory: string;
  /** Address of a DNS server that knows the directory, as the VPC's does. */
  readonly dns?: string;
  /** Variables that must differ from the definition here, by container, for example the address to listen on. */
  readonly environment?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Files of this machine that replace files of the images, by container and path. */
  readonly files?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Replaces the definition's `RestartAttemptPeriod`, which must be at least 60 seconds on ECS. */
  readonly restartAttemptPeriodSeconds?: number;
  /** Called with a readable description of each event. */
  readonly report?: (event: string) => void;
}

/** A task of containers that runs according to its definition. */
export interface ContainerTask {
  readonly name: string;
  /** Resolves with the reason when the task has ended for any reason and all of it has been removed. */
  readonly ended: Promise<string>;
  /** Log file of each container. */
  readonly logFiles: Readonly<Record<string, string>>;
  /**
   * Resolves when all containers with a health check are healthy.
   *
   * @throws Error with the ends of the logs when the task ends first, or on a time-out
   */
  waitHealthy(timeLimitMilliseconds?: number): Promise<void>;
  health(container: string): Health;
  /** How often a container has been restarted. */
  restarts(container: string): number;
  kill(container: string, signal?: NodeJS.Signals): Promise<void>;
  exec(container: string, command: readonly string[], options?: { readonly user?: string }): Promise<string>;
  /**
   * Stops the task as ECS does: SIGTERM, first to the containers that depend on others, and SIGKILL after their stop
   * time-outs.
   */
  stop(): Promise<void>;
}

/**
 * Runs a task definition. Containers start in the order of their dependencies. A container that ends is restarted
 * according to its restart policy. The task ends when an essential container ends or becomes unhealthy.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
 * @throws Error when a volume, an image or a secret is missing; everything created so far is removed
 */
export async function startContainerTask(options: ContainerTaskOptions): Promise<ContainerTask> {
  const { report = () => {}, restartAttemptPeriodSeconds } = options;
  const health = new Map<string, Health>();
  const restarts = new Map<string, number>();
  const starting = new Map<string, Promise<Progress>>();
  const changes = new EventEmitter().setMaxListeners(0);
  const stopping = new AbortController();
  const ended = Promise.withResolvers<string>();
  let reason = 'stopped';
  let gone: Promise<void> | undefined;

  const created = await createTask(options, (container, state) => {
    health.set(container, state);
    changes.emit('health');
    report(`${options.name}: ${container} is ${state.toLowerCase()}`);
    const { definition } = find(container);
    if (state === 'UNHEALTHY' && definition.Essential) void end(`its container ${container} is unhealthy`);
  });
  const { containers } = created;
  for (const container of containers) start(container);

  function find(name: string): Container {
    const container = created.containers.find(({ definition }) => definition.Name === name);
    if (!container) throw new Error(`The task has no container ${name}.`);
    return container;
  }

  /** Waits for the container's dependencies, then starts it and keeps it running. */
  function start(container: Container, dependencies = container.definition.DependsOn): void {
    const { Name, Essential } = container.definition;
    const progress = (async (): Promise<Progress> => {
      // Start asynchronously: a container may depend on one that comes later in the definition.
      await delay(0);
      for (const { ContainerName, Condition } of dependencies) await dependency(ContainerName, Condition);
      stopping.signal.throwIfAborted();
      const { exited } = await container.start();
      return { started: performance.now(), exited: exited.then((code) => over(container, code)) };
    })();
    starting.set(Name, progress);
    progress.catch((error: Error) => {
      if (!stopping.signal.aborted && Essential) void end(error.message);
    });
  }

  async function dependency(name: string, condition: string): Promise<void> {
    const { exited } = (await starting.get(name)) as Progress;
    if (condition === 'HEALTHY') {
      while (health.get(name) !== 'HEALTHY') await once(changes, 'health', { signal: stopping.signal });
    } else if (condition !== 'START') {
      const code = await Promise.race([exited, once(stopping.signal, 'abort')]);
      stopping.signal.throwIfAborted();
      if (condition === 'SUCCESS' && code !== 0) {
        throw new Error(`its container ${name} ended with exit code ${code}`);
      }
    }
  }

  /** Handles the end of a container. */
  async function over(container: Container, code: number): Promise<number> {
    const { Name, Essential, RestartPolicy } = container.definition;
    if (stopping.signal.aborted) return code;
    const began = (await starting.get(Name))?.started ?? 0;
    const policy = RestartPolicy && {
      ...RestartPolicy,
      RestartAttemptPeriod: restartAttemptPeriodSeconds ?? RestartPolicy.RestartAttemptPeriod,
    };
    if (mayRestart(policy, { exitCode: code, ranSeconds: (performance.now() - began) / 1000 })) {
      report(`${options.name}: ${Name} ended with exit code ${code} and is restarted`);
      restarts.set(Name, (restarts.get(Name) ?? 0) + 1);
      health.set(Name, 'UNKNOWN');
      start(container, []);
      return code;
    }
    report(`${options.name}: ${Name} ended with exit code ${code}`);
    if (Essential) void end(`its container ${Name} ended with exit code ${code}`);
    return code;
  }

  function end(why: string): Promise<void> {
    gone ??= (async () => {
      reason = why;
      stopping.abort();
      await Promise.allSettled(starting.values());
      await created.stop();
      await created.remove();
    })().finally(() => ended.resolve(reason));
    return gone;
  }

  return {
    name: options.name,
    ended: ended.promise,
    logFiles: Object.fromEntries(containers.map(({ definition, logFile }) => [definition.Name, logFile])),
    health: (container) => health.get(find(container).definition.Name) ?? 'UNKNOWN',
    restarts: (container) => restarts.get(container) ?? 0,
    async waitHealthy(timeLimitMilliseconds = patience) {
      const checked = containers.filter(({ definition }) => definition.HealthCheck);
      const limit = AbortSignal.any([stopping.signal, AbortSignal.timeout(timeLimitMilliseconds)]);
      while (!checked.every(({ definition }) => health.get(definition.Name) === 'HEALTHY')) {
        await once(changes, 'health', { signal: limit }).catch(() => {
          const why = stopping.signal.aborted ? reason : `timed out after ${timeLimitMilliseconds / 1000} s`;
          const logs = containers.map(({ logFile }) => `The end of ${logFile}:\n${logTail(logFile, 5)}`);
          throw new Error(`Task ${options.name} did not become healthy: ${why}.\n${logs.join('\n')}`);
        });
      }
    },
    kill: (container, signal = 'SIGKILL') => find(container).kill(signal),
    exec: (container, command, execOptions) => find(container).exec(command, execOptions),
    stop: () => end('stopped'),
  };
}

interface Progress {
  readonly started: number;
  readonly exited: Promise<number>;
}
