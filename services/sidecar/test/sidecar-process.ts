import { spawn } from 'node:child_process';
import { chmod, chown, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { containers } from '@packages/contracts';
import { execa } from 'execa';
import type { RunnableSidecar } from '../../../local/testing/runnable-sidecar.ts';
import type { TicketState, TicketStatus } from '../src/publication/ticket-status.ts';
import { type EventStream, eventStream } from './event-stream.ts';
import { password, spn, type TestDomain } from './test-domain.ts';

/** The sidecar as a process of its container's user, without capabilities, as in its container. */
export interface SidecarProcess extends EventStream {
  readonly pid: number;
  readonly shared: string;
  readonly privateDirectory: string;
  readonly environment: NodeJS.ProcessEnv;
  status(): Promise<TicketStatus>;
  /** Waits for the log's next change to this state, and returns the status at that time. */
  state(state: TicketState): Promise<TicketStatus>;
  /** Runs the container's health command. */
  health(): Promise<{ readonly exitCode: number | undefined; readonly line: string }>;
  signal(signal: NodeJS.Signals): void;
  /** Sends SIGTERM (or another) and resolves with the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface SidecarOptions {
  readonly name: string;
  readonly user: string;
  readonly password?: string;
  readonly nextPassword?: string;
  /** Overrides of the environment; `undefined` removes a variable. */
  readonly environment?: NodeJS.ProcessEnv;
  /** More environment variables, set only after the process has switched to the sidecar's user. */
  readonly preload?: NodeJS.ProcessEnv;
}

/** Makes the task's two folders with the owners that the image gives them. Later calls change nothing. */
export async function makeFolders(test: TestDomain, name: string) {
  const folders = {
    shared: join(test.directory, name, 'shared'),
    private: join(test.directory, name, 'private'),
  };
  for (const [folder, mode] of [
    [folders.shared, 0o2750],
    [folders.private, 0o700],
  ] as const) {
    await mkdir(folder, { recursive: true });
    await chown(folder, containers.sidecar.user.uid, containers.web.user.gid);
    await chmod(folder, mode);
  }
  return folders;
}

export async function startSidecarProcess(
  test: TestDomain,
  programs: RunnableSidecar,
  options: SidecarOptions,
): Promise<SidecarProcess> {
  const folders = await makeFolders(test, options.name);
  const secret = {
    username: options.user,
    password: options.password ?? password,
    ...(options.nextPassword && { nextPassword: options.nextPassword }),
    domainName: test.domain.name,
  };
  const environment: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    DIRECTORY_DOMAIN: test.domain.name,
    DIRECTORY_KDCS: test.domain.kdcs.join(','),
    SQL_SPN: spn,
    CREDENTIALS: JSON.stringify(secret),
    SHARED_DIRECTORY: folders.shared,
    PRIVATE_DIRECTORY: folders.private,
    TICKET_LIFETIME: '60',
    TGT_LIFETIME: '300',
    SIGN_IN_SPREAD_SECONDS: '0',
    ...options.environment,
  };
  const { uid, gid } = containers.sidecar.user;
  const preload = Object.entries(options.preload ?? {}).map(([key, value]) => `${key}=${value}`);
  const child = spawn(
    'setpriv',
    [
      ...[`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--no-new-privs', '--bounding-set=-all'],
      ...['--pdeathsig=KILL', '--', 'env', ...preload, programs.node, programs.main],
    ],
    { env: environment, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  const stream = eventStream(child.stdout);
  const status = async () =>
    JSON.parse(await readFile(join(folders.shared, 'ticket.json'), 'utf8')) as TicketStatus;

  return Object.assign(stream, {
    pid: child.pid as number,
    shared: folders.shared,
    privateDirectory: folders.private,
    environment,
    status,
    async state(wanted: TicketState) {
      await stream.next('state.changed', (event) => event.to === wanted);
      return status();
    },
    async health() {
      const { exitCode, stdout } = await execa(programs.node, [programs.health], {
        env: environment,
        extendEnv: false,
        reject: false,
        uid,
        gid,
      });
      return { exitCode, line: stdout };
    },
    signal: (signal: NodeJS.Signals) => void child.kill(signal),
    async stop(signal: NodeJS.Signals = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
  });
}
