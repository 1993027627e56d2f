// `npm run synth`: every template into cdk.out, for accounts that need not exist. The exit code is the CDK's own: 1 when
// the configuration is wrong, a template breaks CloudFormation's schemas, or cdk-nag finds what nobody has accepted.
import { rmSync } from 'node:fs';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { assertCdkApp, readCdkContext } from '../lib/config/cdk-json.ts';
import { ConfigurationError } from '../lib/config/index.ts';
import { watchOutput } from '../lib/operator/output.ts';
import { signalDescendants } from '../local/processes/process-group.ts';
import { temporaryFolder } from '../local/processes/temporary-folder.ts';
import { runChecks } from './check.ts';

/** The CDK ends alone, and the app that it has started would go on writing into cdk.out, beside the next one. */
function end(exitCode: number): never {
  signalDescendants(process.pid, 'SIGTERM');
  process.exit(exitCode);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => end(128 + constants.signals[signal]));
// Nobody reads on, as when `head` has ended: what runs is ended, too.
watchOutput(() => end(1));

try {
  // Where it cannot be read, the CDK speaks of its own options instead, or of no file.
  readCdkContext('cdk.json');
  assertCdkApp('cdk.json');
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  console.error(`The configuration in cdk.json is wrong.\n${error.message}`);
  process.exit(1);
}

// Of an app that ends well and writes nothing, the CDK would take what an earlier synthesis has left.
rmSync('cdk.out/manifest.json', { force: true });
// What is bundled goes with this, however it ends.
await using temporary = temporaryFolder('synth');
process.env.TMPDIR = temporary.path;
// The CDK would keep it there.
process.env.NODE_COMPILE_CACHE ??= resolve('.state/compile-cache');
const [failed] = await runChecks([
  {
    title: 'Synthesis of all stacks',
    command: 'cdk',
    // '**' takes the stacks behind the pipeline's stages too; without it their findings would not count.
    // A ~/.cdk.json may name another folder for what is synthesized.
    args: [
      ...['synth', '**', '--quiet', '--no-notices', '--no-version-reporting', '--no-lookups'],
      ...['--output', 'cdk.out'],
    ],
    timeLimit: 900,
  },
]);
process.exitCode = failed ? 1 : 0;
