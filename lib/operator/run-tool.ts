import { CommanderError } from 'commander';
import { explainAwsError } from '../aws/errors.ts';
import { readCdkContext } from '../config/cdk-json.ts';
import { ConfigurationError, type Deployment, loadDeployment } from '../config/index.ts';
import { watchOutput } from './output.ts';

/** What the operator's tools are run with. */
export interface Tool {
  /** The CDK context of cdk.json. */
  readonly context: () => Readonly<Record<string, unknown>>;
  readonly deployment: () => Deployment;
  /** Ends the tool: the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  /** A result, on standard output. */
  readonly print: (line: string) => void;
  /** A word meanwhile, on standard error. */
  readonly say: (line: string) => void;
  /** Told that what was asked for is not so: the exit code is 1, or the given one. */
  readonly fail: (exitCode?: number) => void;
}

/** Runs one of the operator's tools: it ends at the first signal, and an error becomes sentences on standard error. */
export async function runTool(run: (tool: Tool) => Promise<unknown>): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // The first asks: a test that runs is stopped, the cursor is given back. The second ends it.
    process.on(signal, () => (stop.signal.aborted ? process.exit(130) : stop.abort()));
  }
  // Nobody reads on: what is under way is stopped, as at Ctrl-C.
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
  // What was given up may still hold a connection or a timer.
  if (stop.signal.aborted) process.exit();
}

/** The sentences for what a tool failed of, the configuration included. */
export function explainFailure(error: unknown): string {
  return error instanceof ConfigurationError
    ? `The configuration in cdk.json is wrong.\n${error.message}`
    : explainAwsError(error);
}

/** True for what commander throws after it has reported everything itself. */
function alreadyReported(error: unknown): error is CommanderError {
  return error instanceof CommanderError;
}
