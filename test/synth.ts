// `npm run synth`: every template into cdk.out, for accounts that need not exist. The exit code is the CDK's own: 1 when
// the configuration is wrong, a template breaks CloudFormation's schemas, or cdk-nag finds what nobody has accepted.
import { readCdkContext } from '../lib/config/cdk-json.ts';
import { ConfigurationError } from '../lib/config/index.ts';
import { runChecks } from './check.ts';

try {
  // Where it cannot be read, the CDK speaks of its own options instead, or of no file.
  readCdkContext('cdk.json');
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  console.error(`The configuration in cdk.json is wrong.\n${error.message}`);
  process.exit(1);
}

const [failed] = await runChecks([
  {
    title: 'Synthesis of all stacks',
    command: 'cdk',
    // '**' takes the stacks behind the pipeline's stages too; without it their findings would not count.
    args: ['synth', '**', '--quiet', '--no-notices', '--no-version-reporting', '--no-lookups'],
    timeLimit: 900,
  },
]);
process.exitCode = failed ? 1 : 0;
