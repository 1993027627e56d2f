import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningContainerTask } from '../../local/containers/container-task-starter.ts';
import type { Images } from '../../local/containers/images/build-images.ts';
import { startLoadBalancer } from '../../local/load-balancer/load-balancer.ts';
import { patience, within } from '../../local/processes/within.ts';
import { containerTasks } from '../../local/rehearsal/container-tasks.ts';
import { startDirectory } from '../../local/rehearsal/directories.ts';
import { secretsOf } from '../../local/rehearsal/given-user.ts';
import { provisionMusicDatabase, provisionUser } from '../../local/rehearsal/provisioning.ts';
import { createRehearsal, type Rehearsal } from '../../local/rehearsal/rehearsal.ts';
import { startDatabase } from '../../local/rehearsal/sql-server.ts';
import { type Service, startService } from '../../local/service/service.ts';
import type { Slot } from '../../local/service/task.ts';

/**
 * The service as deployed: tasks of containers behind a load balancer, a real domain, and the stand-in for SQL Server.
 */
export interface RunningService extends AsyncDisposable {
  readonly rehearsal: Rehearsal;
  readonly service: Service;
  /** Starts a task in addition to those of the service. */
  readonly startTask: (slot: Slot) => Promise<RunningContainerTask>;
  /** The address of the load balancer. */
  readonly url: string;
  readonly tasks: readonly RunningContainerTask[];
  /** Events since the start, one line each. */
  readonly events: string[];
  /** Suspends and resumes the SQL Server process. */
  readonly sqlServer: { freeze(): void; thaw(): void };
  /** The password of web's directory user, or of the one that has this secret. */
  password(secret?: string): Promise<string>;
}

export interface RunningServiceOptions {
  readonly images: Images;
  /** Default 2. */
  readonly taskCount?: number;
  /** Variables for web's container, in addition to those in its definition. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Called for each event. */
  readonly report?: (line: string) => void;
}

/** @throws Error with all events if a part does not start; nothing is left running then */
export async function startRunningService({
  images,
  taskCount = 2,
  environment = {},
  report: tell = () => {},
}: RunningServiceOptions): Promise<RunningService> {
  const stateDirectory = mkdtempSync(join(tmpdir(), 'task-test-'));
  const events: string[] = [];
  const report = (line: string) => {
    events.push(line);
    tell(line);
  };
  const rehearsal = await createRehearsal({ port: 0, stateDirectory, report });
  rehearsal.parts.images = images;
  try {
    rehearsal.cleanUp.defer(() => rmSync(stateDirectory, { recursive: true, force: true }));
    await startDirectory(rehearsal);
    await provisionUser(rehearsal, report);
    await startDatabase(rehearsal);
    await provisionMusicDatabase(rehearsal, report);
    const loadBalancer = await startLoadBalancer({
      address: rehearsal.network.address(30),
      port: 8080,
      backends: rehearsal.slots,
      stateDirectory,
    });
    rehearsal.cleanUp.defer(() => loadBalancer.stop());
    // ECS restarts a container no earlier than 60 s after its start; the tests do not wait.
    const startTask = await containerTasks(rehearsal, {
      ...{ images, report, environment },
      restartAttemptPeriodSeconds: 0,
    });
    const service = await startService({
      desiredCount: taskCount,
      slots: rehearsal.slots,
      startTask,
      report,
    });
    rehearsal.cleanUp.defer(() => service.stop());
    if (!(await within(patience, async () => (await fetch(`${loadBalancer.url}/readyz`)).ok))) {
      throw new Error('The load balancer finds no task ready.');
    }
    return {
      rehearsal,
      service,
      startTask,
      url: loadBalancer.url,
      get tasks() {
        return service.tasks as readonly RunningContainerTask[];
      },
      events,
      sqlServer: {
        freeze: () => process.kill(-recordedPid(stateDirectory, 'sql-server'), 'SIGSTOP'),
        thaw: () => process.kill(-recordedPid(stateDirectory, 'sql-server'), 'SIGCONT'),
      },
      async password(secretId = rehearsal.names.userSecret) {
        const secret = await secretsOf(rehearsal).read(secretId, { stage: 'AWSCURRENT' });
        return JSON.parse(secret?.value ?? '{}').password;
      },
      [Symbol.asyncDispose]: () => rehearsal.dispose(),
    };
  } catch (error) {
    await rehearsal.dispose();
    throw new Error(`${(error as Error).message}\n${events.join('\n')}`, { cause: error });
  }
}

/** How often each status occurred in `count` consecutive requests to the service. */
export async function statuses(url: string, count: number): Promise<Record<number, number>> {
  const seen: Record<number, number> = {};
  for (let i = 0; i < count; i++) {
    const response = await fetch(`${url}/api/albums`);
    await response.arrayBuffer();
    seen[response.status] = (seen[response.status] ?? 0) + 1;
  }
  return seen;
}

/** Runs a script in a container, with the container's Node.js and user; returns its output. */
export function script(
  task: RunningContainerTask,
  container: string,
  text: string,
  options?: { readonly user?: string },
): Promise<string> {
  const words = ['node', '--input-type=module', '--eval', text];
  return task.containers.exec(container, words, options);
}

function recordedPid(stateDirectory: string, name: string): number {
  return JSON.parse(readFileSync(join(stateDirectory, 'processes', `${name}.json`), 'utf8')).pid;
}
