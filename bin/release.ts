// `npm run release -- …`: the operator's tool for the delivery pipeline.
import { isScreen } from '../lib/operator/output.ts';
import { releaseContext } from '../lib/operator/release/context.ts';
import { releaseProgram } from '../lib/operator/release/program.ts';
import { runTool } from '../lib/operator/run-tool.ts';

await runTool(({ deployment, signal, print, say, fail }) =>
  releaseProgram({
    context: (options) =>
      releaseContext(deployment(), {
        ...options,
        terminal: isScreen(process.stdout),
        signal,
        print,
        say,
      }),
    fail,
  }).parseAsync(),
);
