import { setTimeout as delay } from 'node:timers/promises';
import type { Slot, Task, TaskStarter } from './task.ts';

export interface ServiceOptions {
  /** How many tasks are to run. */
  readonly desiredCount: number;
  /** At least one more than `desiredCount`: a deployment starts new tasks before it stops old ones. */
  readonly slots: readonly Slot[];
  readonly startTask: TaskStarter;
  /** Told what happens, in words for a person. */
  readonly report?: (event: string) => void;
  /**
   * How long a load balancer needs to notice that a task is ready, also on a busy machine, in milliseconds; default 3000.
   */
  readonly settleMilliseconds?: number;
}

/** Keeps a number of tasks running, as an ECS service does. */
export interface Service {
  readonly tasks: readonly Task[];
  /**
   * Replaces every task by a new one, one at a time, the new one serving before the old one drains
   * (ECS: rolling update with a minimum healthy percentage of 100).
   *
   * @throws Error when a new task does not become ready; the old ones go on serving
   */
  deploy(): Promise<void>;
  stop(): Promise<void>;
}

const longestPause = 10_000;

/**
 * Starts the tasks side by side and replaces each one that ends by itself.
 *
 * @throws Error of the first task that does not become ready; none is left running then
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { desiredCount, slots, startTask, report = () => {}, settleMilliseconds = 3000 } = options;
  const running = new Map<Slot, Task>();
  const claimed = new Set<Slot>();
  const replacements = new Set<Promise<void>>();
  const stopping = new AbortController();

  function claimSlot(): Slot {
    const slot = slots.find((candidate) => !claimed.has(candidate));
    if (!slot) throw new Error(`All ${slots.length} places for tasks are taken.`);
    claimed.add(slot);
    return slot;
  }

  async function start(): Promise<Task> {
    const slot = claimSlot();
    try {
      const task = await startTask(slot);
      running.set(slot, task);
      task.ended.then((reason) => ended(task, reason));
      return task;
    } catch (error) {
      claimed.delete(slot);
      throw error;
    }
  }

  function ended(task: Task, reason: string): void {
    claimed.delete(task.slot);
    if (running.get(task.slot) !== task) return;
    running.delete(task.slot);
    if (stopping.signal.aborted) return;
    report(`task ${task.name} ended (${reason}); starting another`);
    const replacement = replace().finally(() => replacements.delete(replacement));
    replacements.add(replacement);
  }

  async function replace(): Promise<void> {
    for (let pause = 500; !stopping.signal.aborted; pause = Math.min(pause * 2, longestPause)) {
      try {
        const task = await start();
        report(`task ${task.name} is ready`);
        return;
      } catch (error) {
        report(`a new task did not become ready: ${(error as Error).message}`);
        await delay(pause, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
  }

  async function drain(task: Task): Promise<void> {
    running.delete(task.slot);
    await task.stop();
  }

  async function stop(): Promise<void> {
    stopping.abort();
    await Promise.allSettled(replacements);
    await Promise.allSettled([...running.values()].map(drain));
  }

  const first = await Promise.allSettled(Array.from({ length: desiredCount }, start));
  const failure = first.find((result) => result.status === 'rejected');
  if (failure) {
    await stop();
    throw failure.reason;
  }

  return {
    get tasks() {
      return [...running.values()];
    },
    async deploy() {
      for (const old of [...running.values()]) {
        const fresh = await start();
        report(`task ${fresh.name} is ready; draining ${old.name}`);
        await delay(settleMilliseconds);
        await drain(old);
      }
    },
    stop,
  };
}
