import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimLoopbackNetwork, type LoopbackNetwork } from '../../local/directory/loopback-network.ts';
import { freePort } from '../../local/processes/free-port.ts';
import { within } from '../../local/processes/within.ts';

/** `npm start` as a person runs it, with its own state folder, network and port. */
export interface Starter {
  readonly url: string;
  readonly network: string;
  readonly port: number;
  readonly stateDirectory: string;
  readonly process: ChildProcess;
  /** Its output so far, both streams. */
  output(): string;
  /**
   * Waits for this output, for eight minutes. @throws Error with the output if it does not come, or the process ends
   * first
   */
  printed(text: string | RegExp): Promise<void>;
  /** Types a line. */
  type(line: string): void;
  /** Sends a signal and waits for the process to end. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
  readonly ended: Promise<number | null>;
  /** Ends it if it is still running, and removes its folder. */
  remove(): Promise<void>;
}

export interface Location {
  readonly network: string;
  readonly port: number;
  readonly stateDirectory: string;
}

/** A network, port and folder that no other rehearsal and no other test uses at the same time. */
export async function freeLocation(): Promise<Location> {
  const network = await claimOther(process.pid);
  await network.release();
  return {
    network: network.prefix,
    port: await freePort(),
    stateDirectory: mkdtempSync(join(tmpdir(), 'rehearsal-test-')),
  };
}

/** Claims a network from a range that other tests do not use by default. */
async function claimOther(number: number): Promise<LoopbackNetwork> {
  const claimed = await claimLoopbackNetwork(`127.82.${number % 256}`).catch(() => undefined);
  return claimed ?? (await claimOther(number + 1));
}

export async function start(words: readonly string[] = [], at?: Location): Promise<Starter> {
  const location = at ?? (await freeLocation());
  const { network, port, stateDirectory } = location;
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      'local/start.ts',
      `--state=${stateDirectory}`,
      `--network=${network}`,
      `--port=${port}`,
      ...words,
    ],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  let running = true;
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      running = false;
      resolve(code);
    });
  });
  const contains = (text: string | RegExp) =>
    typeof text === 'string' ? output.includes(text) : text.test(output);
  const end = (signal: NodeJS.Signals = 'SIGINT') => {
    child.kill(signal);
    return ended;
  };
  return {
    ...location,
    url: `http://127.0.0.1:${port}`,
    process: child,
    output: () => output,
    async printed(text) {
      await within(480_000, () => contains(text) || !running);
      if (!contains(text)) throw new Error(`It did not print ${text}. Its output:\n${output}`);
    },
    type: (line) => void child.stdin.write(`${line}\n`),
    end,
    ended,
    async remove() {
      if (running) await end();
      rmSync(stateDirectory, { recursive: true, force: true });
    },
  };
}

/** The processes of this machine whose command line or environment contains the folder. */
export function processesOf(stateDirectory: string): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .flatMap((pid) => {
      const command = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
      const names = command.includes(stateDirectory) || read(`/proc/${pid}/environ`).includes(stateDirectory);
      return names ? [`${pid} ${command}`] : [];
    });
}

/** The descendants of a process. */
export function descendants(pid: number): string[] {
  const parents = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map((entry) => [entry, /\) \S (\d+)/.exec(read(`/proc/${entry}/stat`))?.[1]] as const);
  const childrenOf = (parent: string): string[] =>
    parents.filter(([, of]) => of === parent).flatMap(([child]) => [child, ...childrenOf(child)]);
  return childrenOf(String(pid));
}

/** The rehearsal's record of one of its processes. */
export function recorded({ stateDirectory }: Location, name: string): { pid: number } {
  return JSON.parse(read(join(stateDirectory, 'processes', `${name}.json`)));
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
