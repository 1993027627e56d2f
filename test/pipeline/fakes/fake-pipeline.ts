import { randomUUID } from 'node:crypto';

/** An action of a fake pipeline. */
export interface FakeAction {
  readonly name: string;
  readonly runOrder: number;
  readonly category: 'Source' | 'Build' | 'Approval' | 'Deploy';
  readonly provider: string;
  /** For an approval: its text and link after resolution. */
  readonly resolved?: Readonly<Record<string, string>>;
}

export interface FakeStage {
  readonly name: string;
  readonly actions: readonly FakeAction[];
}

export interface FakeActionExecution {
  readonly id: string;
  readonly executionId: string;
  readonly stage: string;
  readonly action: FakeAction;
  readonly startTime: number;
  lastUpdateTime: number;
  status: 'InProgress' | 'Succeeded' | 'Failed' | 'Abandoned';
  externalExecutionId?: string;
  /** The variables that a build exported. */
  variables?: Readonly<Record<string, string>>;
  error?: string;
  token?: string;
  summary?: string;
  /** The ARN of the person who answered an approval. */
  by?: string;
}

export interface FakeExecution {
  readonly id: string;
  readonly commit: string;
  readonly title: string;
  readonly startTime: number;
  readonly type: 'STANDARD' | 'ROLLBACK';
  /** For a rollback: the execution that it restores. */
  target?: string;
  /** Version of the pipeline's structure when the execution started. */
  readonly version: number;
  readonly succeededStages: Set<string>;
  status: string;
  statusSummary?: string;
}

/**
 * The state of a pipeline and its executions, driven by a test. The rules are CodePipeline's: a stage holds one execution
 * at a time, an approval waits with a token, a rollback is a new execution.
 *
 * @see https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html
 */
export class FakePipeline {
  readonly name: string;
  readonly stages: readonly FakeStage[];
  readonly executions: FakeExecution[] = [];
  readonly actionExecutions: FakeActionExecution[] = [];
  /** The last execution in each stage. */
  readonly latest = new Map<string, { executionId: string; type: string }>();
  version = 1;
  /** Whether the filter `succeededInStage` returns rollbacks; the documentation does not say. */
  listsRollbacks = true;
  /** Seconds since 1970; a test may turn it back before the first event. */
  clock = Math.floor(Date.now() / 1000) - 86_400;

  constructor(name: string, stages: readonly FakeStage[]) {
    this.name = name;
    this.stages = stages;
  }

  push(commit: string, title: string, type: FakeExecution['type'] = 'STANDARD'): FakeExecution {
    const execution: FakeExecution = {
      id: randomUUID(),
      commit,
      title,
      startTime: this.#tick(),
      type,
      version: this.version,
      succeededStages: new Set(),
      status: 'InProgress',
    };
    this.executions.unshift(execution);
    return execution;
  }

  begin(execution: FakeExecution, where: string, external?: string): FakeActionExecution {
    const [stageName = '', actionName] = where.split('/');
    const action = this.#stage(stageName).actions.find(({ name }) => name === actionName);
    if (!action) throw new Error(`The fake pipeline has no ${where}.`);
    const started: FakeActionExecution = {
      id: randomUUID(),
      executionId: execution.id,
      stage: stageName,
      action,
      startTime: this.#tick(),
      lastUpdateTime: this.clock,
      status: 'InProgress',
      ...(external && { externalExecutionId: external }),
      ...(action.category === 'Approval' && { token: randomUUID() }),
    };
    this.actionExecutions.unshift(started);
    this.latest.set(stageName, { executionId: execution.id, type: execution.type });
    return started;
  }

  succeed(started: FakeActionExecution): void {
    started.status = 'Succeeded';
    started.lastUpdateTime = this.#tick();
    delete started.token;
    const { executionId, stage } = started;
    const done = this.actionExecutions.filter(
      (other) => other.executionId === executionId && other.stage === stage && other.status === 'Succeeded',
    );
    if (done.length === this.#stage(stage).actions.length)
      this.#execution(executionId).succeededStages.add(stage);
  }

  fail(started: FakeActionExecution, error: string): void {
    started.status = 'Failed';
    started.error = error;
    started.lastUpdateTime = this.#tick();
    delete started.token;
    this.#execution(started.executionId).status = 'Failed';
  }

  /** Completes all actions of a stage. */
  pass(execution: FakeExecution, stage: string): void {
    for (const { name } of this.#stage(stage).actions)
      this.succeed(this.begin(execution, `${stage}/${name}`));
  }

  /** Completes an execution in all stages. */
  deliver(commit: string, title: string): FakeExecution {
    const execution = this.push(commit, title);
    for (const { name } of this.stages) this.pass(execution, name);
    execution.status = 'Succeeded';
    return execution;
  }

  /** Rolls back to an execution, as a person or a failed stage does, and completes the rollback. */
  rollBack(
    stage: string,
    target: FakeExecution,
    status: 'Succeeded' | 'Failed' = 'Succeeded',
  ): FakeExecution {
    const execution = this.push(target.commit, target.title, 'ROLLBACK');
    execution.target = target.id;
    for (const { name } of this.#stage(stage).actions) {
      const started = this.begin(execution, `${stage}/${name}`);
      if (status === 'Succeeded') this.succeed(started);
      else this.fail(started, 'no');
    }
    execution.status = status;
    return execution;
  }

  stageStatus(stage: string, executionId: string): string {
    const own = this.actionExecutions.filter(
      (started) => started.executionId === executionId && started.stage === stage,
    );
    if (own.some(({ status }) => status === 'Failed')) return 'Failed';
    return this.#execution(executionId).succeededStages.has(stage) ? 'Succeeded' : 'InProgress';
  }

  #stage(name: string): FakeStage {
    const stage = this.stages.find((candidate) => candidate.name === name);
    if (!stage) throw new Error(`The fake pipeline has no stage ${name}.`);
    return stage;
  }

  #execution(id: string): FakeExecution {
    const execution = this.executions.find((candidate) => candidate.id === id);
    if (!execution) throw new Error(`The fake pipeline has no execution ${id}.`);
    return execution;
  }

  #tick(): number {
    this.clock += 10;
    return this.clock;
  }
}
