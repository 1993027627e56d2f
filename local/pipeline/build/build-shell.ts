import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { atExit } from '../../processes/at-exit.ts';
import { signalGroup } from '../../processes/process-group.ts';
import { temporaryFolder } from '../../processes/temporary-folder.ts';

export interface BuildShellOptions {
  readonly shell: 'bash' | '/bin/sh';
  /** Working directory of the first command. */
  readonly directory: string;
  /** The whole environment; nothing of our own is added. */
  readonly environment: Readonly<Record<string, string>>;
  /** Receives the output of the commands. */
  readonly output: Writable;
}

/** The status of a command whose shell was killed by a signal. */
const ended = 128;

/**
 * The shell of one build. Buildspec version 0.2 runs all commands of a build in the same shell instance, so the
 * directory, variables and functions that one command sets are available to the next.
 *
 * @see https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec-ref-versions
 */
export class BuildShell {
  readonly #options: BuildShellOptions;
  readonly #folder = temporaryFolder('build-shell');
  #child: ChildProcess | undefined;
  #answers: Interface | undefined;
  #count = 0;
  #ending: Promise<void> | undefined;
  // The shell has its own process group, so Ctrl-C does not reach it.
  readonly #forget = atExit(() => {
    if (this.#child?.pid) signalGroup(this.#child.pid, 'SIGKILL');
  });

  constructor(options: BuildShellOptions) {
    this.#options = options;
  }

  /**
   * Runs one entry of a `commands` list, which may have several lines. A command that calls `exit` ends the shell; the
   * next command then gets a new one.
   *
   * @returns the exit status; 128 if the shell was killed by a signal
   */
  async run(command: string): Promise<number> {
    if (this.#ending) return ended;
    const child = this.#child ?? this.#start();
    const file = join(this.#folder.path, `command-${++this.#count}`);
    writeFileSync(file, `${command}\n`);
    (child.stdio[3] as Writable).write(`${file}\n`);
    return new Promise((resolve) => {
      const gone = (code: number | null) => {
        this.#child = undefined;
        resolve(code ?? ended);
      };
      child.once('close', gone);
      this.#answers?.once('line', (line) => {
        child.off('close', gone);
        resolve(Number(line));
      });
    });
  }

  /** The current value of a variable, exported or not; undefined if it is unset. */
  async variable(name: string): Promise<string | undefined> {
    const file = join(this.#folder.path, 'value');
    const status = await this.run(
      `if [ -n "\${${name}+set}" ]; then printf %s "$${name}" > '${file}'; else false; fi`,
    );
    return status === 0 ? readFileSync(file, 'utf8') : undefined;
  }

  /** Kills the shell and everything that was started from it; resolves when all their output has been passed on. */
  end(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    const child = this.#child;
    if (child?.pid) {
      const closed = new Promise((resolve) => child.once('close', resolve));
      signalGroup(child.pid, 'SIGKILL');
      await closed;
    }
    this.#folder[Symbol.dispose]();
    this.#forget();
  }

  #start(): ChildProcess {
    const { shell, directory, environment, output } = this.#options;
    // The shell reads names of command files from descriptor 3, and writes the exit status of each to descriptor 4.
    const loop =
      'while IFS= read -r build_command <&3; do . "$build_command" 3<&- 4>&-; printf "%s\\n" "$?" >&4; done';
    const child = spawn(shell, ['-c', loop], {
      cwd: directory,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
      detached: true,
    });
    child.stdout?.pipe(output, { end: false });
    child.stderr?.pipe(output, { end: false });
    // A shell that is killed resets its pipes.
    for (const stream of child.stdio) stream?.on('error', () => undefined);
    this.#answers = createInterface({ input: child.stdio[4] as Readable });
    this.#child = child;
    return child;
  }
}
