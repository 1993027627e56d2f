import { spawn } from 'node:child_process';
import { TicketFailure } from '../failures/ticket-failure.ts';

/** A program to run; pass secrets to it only as `input`. */
export interface Command {
  readonly name: string;
  readonly arguments: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly input?: string;
  readonly limitSeconds: number;
  readonly signal?: AbortSignal;
}

export interface CommandResult {
  readonly exitCode: number | null;
  readonly output: string;
  readonly errors: string;
}

/**
 * Runs a program to its end, without a shell.
 * @throws TicketFailure `tool-missing` when it is not installed, `time-limit` when it did not end in time;
 *   an abort by `signal` kills it and rejects with the signal's reason.
 */
export function run(command: Command): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const limit = AbortSignal.timeout(command.limitSeconds * 1000);
    const child = spawn(command.name, command.arguments, {
      env: command.environment,
      stdio: ['pipe', 'pipe', 'pipe'],
      signal: command.signal ? AbortSignal.any([limit, command.signal]) : limit,
      killSignal: 'SIGKILL',
    });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      errors += chunk;
    });
    // A program that exits without reading its input breaks the pipe; its exit code says why.
    child.stdin.on('error', () => {});
    child.stdin.end(command.input ?? '');
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (command.signal?.aborted) {
        reject(command.signal.reason);
      } else if (limit.aborted) {
        reject(new TicketFailure('time-limit', `${command.name} ran for ${command.limitSeconds} seconds`));
      } else if (error.code === 'ENOENT') {
        reject(new TicketFailure('tool-missing', `${command.name} was not found`));
      } else {
        reject(error);
      }
    });
    child.once('close', (exitCode) => resolve({ exitCode, output, errors }));
  });
}
