// `npm run bootstrap -- …`: prepares every account for the pipeline, once.
import { execa } from 'execa';
import { bootstrapProgram } from '../lib/operator/bootstrap/program.ts';
import { runTool } from '../lib/operator/run-tool.ts';

await runTool(({ context, deployment, signal, print, say, fail }) =>
  bootstrapProgram({
    deployment,
    context,
    print,
    say,
    signal,
    cdk: async (words) => {
      await execa('cdk', words, { stdio: 'inherit', preferLocal: true, cancelSignal: signal });
    },
    shownTemplate: async () => {
      const { stdout } = await execa('cdk', ['bootstrap', '--show-template'], {
        preferLocal: true,
        cancelSignal: signal,
      });
      return stdout;
    },
    directory: '.state/bootstrap',
    fail,
  }).parseAsync(),
);
