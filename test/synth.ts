// `npm run synth`: writes all templates to cdk.out, for accounts that need not exist. The exit code is that of the CDK:
// 1 if the configuration is wrong, a template violates CloudFormation's schemas, or cdk-nag has an unacknowledged
// finding.
import { rmSync } from 'node:fs';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { assertCdkApp, readCdkContext } from '../lib/config/cdk-json.ts';
import { ConfigurationError } from '../lib/config/index.ts';
import { watchOutput } from '../lib/operator/output.ts';
import { signalDescendants } from '../local/processes/process-group.ts';
import { temporaryFolder } from '../local/processes/temporary-folder.ts';
import { runChecks } from './check.ts';

/**
 * When the CDK is killed, the app that it started would continue to write to cdk.out, in parallel with the next run.
 */
function end(exitCode: number): never {
  signalDescendants(process.pid, 'SIGTERM');
  process.exit(exitCode);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => end(128 + constants.signals[signal]));
// If the reader of our output goes away (`| head`), stop the synthesis.
watchOutput(() => end(1));

try {
  // Without these checks, the CDK would report its own options, or no file, for an unreadable configuration.
  readCdkContext('cdk.json');
  assertCdkApp('cdk.json');
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  console.error(`The configuration in cdk.json is wrong.\n${error.message}`);
  process.exit(1);
}

// If the app ends without writing anything, the CDK would use the results of an earlier synthesis.
rmSync('cdk.out/manifest.json', { force: true });
// Bundling output goes here, and is removed however the synthesis ends.
await using temporary = temporaryFolder('synth');
process.env.TMPDIR = temporary.path;
// The CDK would put this cache into TMPDIR.
process.env.NODE_COMPILE_CACHE ??= resolve('.state/compile-cache');
const [failed] = await runChecks([
  {
    title: 'Synthesis of all stacks',
    command: 'cdk',
    // '**' includes the stacks of the pipeline's stages, whose findings would not count otherwise. A ~/.cdk.json may
    // name another output folder, so it is set explicitly.
    args: [
      ...['synth', '**', '--quiet', '--no-notices', '--no-version-reporting', '--no-lookups'],
      ...['--output', 'cdk.out'],
    ],
    timeLimit: 900,
  },
]);
process.exitCode = failed ? 1 : 0;
