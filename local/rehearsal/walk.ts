import { Listr, type ListrRendererValue, type ListrTask, PRESET_TIMER } from 'listr2';
import { isScreen } from '../../lib/operator/output.ts';
import { type Action, RejectedError, type Stage } from './action.ts';
import { consequences } from './outcome.ts';

export interface WalkOptions {
  /** Asks the user; if absent, every approval is given. */
  readonly approve?: (question: string) => Promise<boolean>;
  /** Name of an action to fail on purpose. */
  readonly fail?: string | undefined;
  readonly renderer?: ListrRendererValue;
}

/**
 * Walks through the stages in order, and through their actions by run order, showing progress and time. The first
 * action that fails stops the walk, as it stops the pipeline: actions that run in parallel with it finish, and later ones
 * wait.
 *
 * @throws Error of the action that failed, with what stops, rolls back and waits
 * @throws RejectedError when an approval was refused
 * @throws Error when `fail` names no action
 */
export async function walk(stages: readonly Stage[], options: WalkOptions = {}): Promise<void> {
  const { fail } = options;
  const names = stages.flatMap((stage) => stage.actions.map(({ name }) => `${stage.name}/${name}`));
  if (fail !== undefined && !names.some((name) => matches(name, fail))) {
    throw new Error(
      `--fail is ${JSON.stringify(fail)}, but it must be one of these actions: ${names.join(', ')}.`,
    );
  }
  let failure: Error | undefined;
  const firstFailure = (error: Error, stage: Stage, action: Action) => {
    if (failure) return;
    failure = error;
    if (!(error instanceof RejectedError)) error.message += `\n\n${consequences(stages, stage, action)}`;
  };
  const renderer = options.renderer ?? (isScreen(process.stdout) && !options.approve ? 'default' : 'simple');
  const list = new Listr(
    stages.map((stage) => ({
      title: stage.name,
      skip: () => (stage.passedOver?.() ? `${stage.name}: skipped, because nothing needs approval` : false),
      task: (_, task) =>
        task.newListr(runOrders(stage, options, firstFailure), { concurrent: false, exitOnError: true }),
    })),
    {
      renderer,
      // Keep the name of an action that is not rehearsed, and show the reason below it.
      rendererOptions: { timer: PRESET_TIMER, collapseSubtasks: false, collapseSkips: false },
      fallbackRendererOptions: { timer: PRESET_TIMER },
      registerSignalListeners: false,
    },
  );
  // The list shows only the first line of a failure; the thrown error has the whole message.
  await list.run().catch((error: Error) => {
    throw failure ?? error;
  });
}

type Failed = (error: Error, stage: Stage, action: Action) => void;

/** Runs actions in sequence, and those with the same run order in parallel, in a list of their own. */
function runOrders(stage: Stage, options: WalkOptions, failed: Failed): ListrTask[] {
  const orders = [...new Set(stage.actions.map(({ runOrder }) => runOrder))].sort((a, b) => a - b);
  return orders.flatMap((order) => {
    const actions = stage.actions.filter(({ runOrder }) => runOrder === order);
    const parallel = new Countdown(actions.length);
    const tasks = actions.map((action) => listrTask(stage, action, options, { failed, parallel }));
    if (tasks.length === 1) return tasks;
    return [
      {
        title: 'in parallel',
        task: (_, task) => task.newListr(tasks, { concurrent: true }),
      } satisfies ListrTask,
    ];
  });
}

/** Resolves when a number of actions have ended. */
class Countdown {
  readonly #zero = Promise.withResolvers<void>();
  #left: number;

  constructor(left: number) {
    this.#left = left;
  }

  ended(): void {
    this.#left -= 1;
    if (this.#left === 0) this.#zero.resolve();
  }

  get zero(): Promise<void> {
    return this.#zero.promise;
  }
}

function listrTask(
  stage: Stage,
  action: Action,
  options: WalkOptions,
  { failed, parallel }: { readonly failed: Failed; readonly parallel: Countdown },
): ListrTask {
  return {
    title: action.name,
    task: async (_, task) => {
      try {
        await perform(stage, action, options, task);
        parallel.ended();
      } catch (error) {
        const [sentence = ''] = (error as Error).message.split('\n');
        failed(error as Error, stage, action);
        parallel.ended();
        // Once it is reported as failed, the list ends, and the rehearsal takes away what the others still use.
        task.output = sentence;
        await parallel.zero;
        throw new Error(sentence);
      }
    },
  };
}

/** The parts of the list entry that an action may change. */
interface ShownTask {
  title: string | undefined;
  output: string | undefined;
  skip(message: string): void;
}

async function perform(
  stage: Stage,
  { name, rehearsed }: Action,
  { approve, fail }: WalkOptions,
  task: ShownTask,
): Promise<void> {
  if (fail !== undefined && matches(`${stage.name}/${name}`, fail)) {
    throw new Error(`${name} was made to fail (--fail ${fail})`);
  }
  if (rehearsed.as === 'shown') {
    task.skip(`not rehearsed: ${rehearsed.reason}`);
  } else if (rehearsed.as === 'work') {
    await rehearsed.run((line) => {
      task.output = line;
    });
  } else if (approve && !(await approve(rehearsed.question()))) {
    throw new RejectedError(`${name} was rejected, so the later actions were not carried out.`);
  } else if (!approve) {
    task.title = `${name} (given; use --approve to be asked)`;
  }
}

function matches(qualifiedName: string, wanted: string): boolean {
  const lower = wanted.toLowerCase();
  const name = qualifiedName.toLowerCase();
  return name === lower || name.endsWith(`/${lower}`);
}
