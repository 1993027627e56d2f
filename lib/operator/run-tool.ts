import { CommanderError } from 'commander';
import { explainAwsError } from '../aws/errors.ts';
import { readCdkContext } from '../config/cdk-json.ts';
import { ConfigurationError, type Deployment, loadDeployment } from '../config/index.ts';
import { watchOutput } from './output.ts';

/** What an operator's tool gets to run with. */
export interface Tool {
  /** The CDK context of cdk.json. */
  readonly context: () => Readonly<Record<string, unknown>>;
  readonly deployment: () => Deployment;
  /** Aborts at the first Ctrl-C, SIGTERM or SIGHUP, or when the output's reader goes away. */
  readonly signal: AbortSignal;
  /** Prints a result to standard output. */
  readonly print: (line: string) => void;
  /** Prints progress and notes to standard error. */
  readonly say: (line: string) => void;
  /** Called when the result is negative; sets the exit code to 1 or the given one. */
  readonly fail: (exitCode?: number) => void;
}

/** Runs one of the operator's tools. The first signal aborts it; an error is explained on standard error. */
export async function runTool(run: (tool: Tool) => Promise<unknown>): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // The first signal aborts: a running test is stopped, the cursor restored. The second exits immediately.
    process.on(signal, () => (stop.signal.aborted ? process.exit(130) : stop.abort()));
  }
  // If the reader of our output goes away (`| head`), stop as on Ctrl-C.
  watchOutput(() => stop.abort());
  const context = () => readCdkContext(new URL('../../cdk.json', import.meta.url));
  const fail = (exitCode = 1) => {
    process.exitCode = exitCode;
  };
  try {
    await run({
      context,
      deployment: () => loadDeployment(context().deployment),
      signal: stop.signal,
      print: (line) => console.log(line),
      say: (line) => console.error(line),
      fail,
    });
  } catch (error) {
    if (alreadyReported(error)) process.exitCode = error.exitCode;
    else {
      console.error(explainFailure(error));
      fail();
    }
  }
  // Abandoned calls may still hold a connection or a timer.
  if (stop.signal.aborted) process.exit();
}

/** Explains why a tool failed, including problems of the configuration. */
export function explainFailure(error: unknown): string {
  return error instanceof ConfigurationError
    ? `The configuration in cdk.json is wrong.\n${error.message}`
    : explainAwsError(error);
}

/** Whether commander threw the error after reporting it. */
function alreadyReported(error: unknown): error is CommanderError {
  return error instanceof CommanderError;
}
