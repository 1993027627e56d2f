import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { groupIsAlive, processStartTime, signalGroup } from './process-group.ts';
import { patience, within } from './within.ts';

/** What to run, as which user, and where its output goes. */
export interface ProcessOptions {
  /** Unique within the state directory; names the log file and the record of the process. */
  readonly name: string;
  readonly command: string;
  readonly args?: readonly string[];
  /** The whole environment; nothing is inherited. */
  readonly environment: NodeJS.ProcessEnv;
  readonly stateDirectory: string;
  /** Default: `<stateDirectory>/logs/<name>.log`, appended to. */
  readonly logFile?: string;
  /** Runs as this user and group, without supplementary groups and without a way to gain privileges. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** A child process in its own process group, recorded on disk so that a later run can find and end it. */
export interface ManagedProcess {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** Resolves with the exit code, or with `null` if a signal ended it. */
  readonly exited: Promise<number | null>;
  readonly running: boolean;
  /** Sends a signal to the whole group. */
  signal(signal: NodeJS.Signals): void;
  /**
   * SIGTERM, then SIGKILL to the whole group after `graceMilliseconds` (default 5000).
   * Resolves when no process of the group is left.
   */
  stop(graceMilliseconds?: number): Promise<void>;
}

/**
 * Starts a process that should not outlive us: the kernel sends it SIGTERM when its parent dies (prctl(2),
 * PR_SET_PDEATHSIG, set by setpriv(1)), and its record lets `endRecordedProcesses` clean up after a crash.
 *
 * @throws Error when the command cannot be started
 */
export async function startProcess(options: ProcessOptions): Promise<ManagedProcess> {
  const { name, stateDirectory } = options;
  const logFile = options.logFile ?? join(stateDirectory, 'logs', `${name}.log`);
  const recordFile = join(stateDirectory, 'processes', `${name}.json`);
  mkdirSync(dirname(logFile), { recursive: true });
  mkdirSync(dirname(recordFile), { recursive: true });

  const log = openSync(logFile, 'a', 0o640);
  const child = spawn('setpriv', [...privileges(options), options.command, ...(options.args ?? [])], {
    env: options.environment,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const pid = await spawned(child, options.command);
  writeFileSync(recordFile, JSON.stringify({ name, pid, startTime: processStartTime(pid) }), { mode: 0o600 });

  let running = true;
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      running = false;
      resolve(code);
    });
  });
  return {
    name,
    pid,
    logFile,
    exited,
    get running() {
      return running;
    },
    signal: (signal) => signalGroup(pid, signal),
    async stop(graceMilliseconds = 5000) {
      signalGroup(pid, 'SIGTERM');
      const gone = await within(graceMilliseconds, () => !groupIsAlive(pid));
      if (!gone) {
        signalGroup(pid, 'SIGKILL');
        await within(patience, () => !groupIsAlive(pid));
      }
      if (running) await exited;
      rmSync(recordFile, { force: true });
    },
  };
}

/** The last lines of a log file, for an error message. */
export function logTail(logFile: string, lines = 15): string {
  try {
    return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return `(no log at ${logFile})`;
  }
}

function privileges({ user }: ProcessOptions): string[] {
  const identity = user
    ? [
        `--reuid=${user.uid}`,
        `--regid=${user.gid}`,
        '--clear-groups',
        '--no-new-privs',
        '--bounding-set=-all',
      ]
    : [];
  return [...identity, '--pdeathsig=TERM', '--'];
}

function spawned(child: ChildProcess, command: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('spawn', () => resolve(child.pid as number));
    child.once('error', (error) =>
      reject(new Error(`${command} could not be started (${error.message}). Is util-linux installed?`)),
    );
  });
}
