// `npm run release -- …`: the operator's tool for the delivery pipeline.
import { readFileSync } from 'node:fs';
import { explainAwsError } from '../lib/aws/errors.ts';
import { ConfigurationError, loadDeployment } from '../lib/config/index.ts';
import { releaseContext } from '../lib/operator/release/context.ts';
import { isSaid, releaseProgram } from '../lib/operator/release/program.ts';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // The first asks: a test that runs is stopped, the cursor is given back. The second ends it.
  process.on(signal, () => (stop.signal.aborted ? process.exit(130) : stop.abort()));
}

const program = releaseProgram({
  context: ({ json, intervalSeconds }) => {
    const { context } = JSON.parse(readFileSync(new URL('../cdk.json', import.meta.url), 'utf8'));
    return releaseContext(loadDeployment(context?.deployment), {
      json,
      intervalSeconds,
      terminal: process.stdout.isTTY ?? false,
      signal: stop.signal,
      print: (line) => console.log(line),
    });
  },
  fail: () => {
    process.exitCode = 1;
  },
});

try {
  await program.parseAsync();
} catch (error) {
  if (isSaid(error)) process.exitCode = error.exitCode;
  else {
    const prefix = error instanceof ConfigurationError ? 'The configuration in cdk.json is wrong.\n' : '';
    console.error(prefix + explainAwsError(error));
    process.exitCode = 1;
  }
}
