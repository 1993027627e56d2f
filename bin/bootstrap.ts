// `npm run bootstrap -- …`: prepares every account for the pipeline, once.
import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import { explainAwsError } from '../lib/aws/errors.ts';
import { ConfigurationError, loadDeployment } from '../lib/config/index.ts';
import { bootstrapProgram } from '../lib/operator/bootstrap/program.ts';
import { isSaid } from '../lib/operator/release/program.ts';

try {
  const { context } = JSON.parse(readFileSync(new URL('../cdk.json', import.meta.url), 'utf8'));
  await bootstrapProgram({
    deployment: loadDeployment(context?.deployment),
    context,
    print: (line) => console.log(line),
    cdk: async (words) => {
      await execa('cdk', words, { stdio: 'inherit', preferLocal: true });
    },
    fail: () => {
      process.exitCode = 1;
    },
  }).parseAsync();
} catch (error) {
  if (isSaid(error)) process.exitCode = error.exitCode;
  else {
    const prefix = error instanceof ConfigurationError ? 'The configuration in cdk.json is wrong.\n' : '';
    console.error(prefix + explainAwsError(error));
    process.exitCode = 1;
  }
}
